import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import { PidFile } from "../../../src/master/host/pid-file.ts";

const OURS = `${process.pid}\n`;
const DAY_MS = 24 * 3_600_000;

function fileIn(test: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "remuda-pid-"));
  test.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "daemon.pid");
}

const read = (file: string) => fs.readFileSync(file, "utf8");

/** A process that lives until the test ends. */
function otherProcess(test: TestContext): number {
  const child = spawn("sleep", ["600"]);
  test.after(() => child.kill("SIGKILL"));
  return child.pid as number;
}

async function goneProcess(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid as number;
}

describe("a pidfile", () => {
  it("has the pid, and nothing is left beside it", (t) => {
    const file = fileIn(t);
    const pidFile = PidFile.write(file);
    assert.equal(read(file), OURS);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ["daemon.pid"]);
    pidFile.remove();
    assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
  });

  it("is refused where another process is alive", (t) => {
    const file = fileIn(t);
    const other = otherProcess(t);
    fs.writeFileSync(file, `${other}\n`);
    assert.throws(() => PidFile.write(file), {
      name: "StartError",
      message: `pidFile ${file} is that of process ${other}, which runs`,
    });
    assert.equal(read(file), `${other}\n`);
  });

  it("replaces what was left behind", async (t) => {
    for (const left of [`${await goneProcess()}\n`, "", "0\n", "not a pid\n"]) {
      const file = fileIn(t);
      fs.writeFileSync(file, left);
      PidFile.write(file);
      assert.equal(read(file), OURS);
    }
  });

  it("replaces one whose pid belongs to somebody younger", (t) => {
    const file = fileIn(t);
    fs.writeFileSync(file, `${otherProcess(t)}\n`);
    const yesterday = new Date(Date.now() - DAY_MS);
    fs.utimesSync(file, yesterday, yesterday);
    PidFile.write(file);
    assert.equal(read(file), OURS);
  });

  it("is taken over from an outgoing master", (t) => {
    const file = fileIn(t);
    const outgoingPid = otherProcess(t);
    fs.writeFileSync(file, `${outgoingPid}\n`);
    PidFile.write(file, { outgoingPid });
    assert.equal(read(file), OURS);
  });

  it("stays where another master has written it", (t) => {
    const file = fileIn(t);
    const pidFile = PidFile.write(file);
    fs.writeFileSync(file, "123456\n");
    pidFile.remove();
    assert.equal(read(file), "123456\n");
    fs.rmSync(file);
    pidFile.remove();
  });

  it("says where it cannot be written", () => {
    const file = "/nonexistent/daemon.pid";
    assert.throws(() => PidFile.write(file), {
      name: "StartError",
      message: `cannot write pidFile ${file} (ENOENT)`,
    });
  });
});
