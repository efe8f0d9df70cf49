import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, type TestContext, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { openFilesBelow } from "../support/open-files.ts";
import { projectFolder } from "../support/project-folder.ts";
import { runCli } from "../support/run-cli.ts";
import { spawnCli } from "../support/spawn-cli.ts";
import {
  type StrictClient,
  startStrictClient,
} from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/busy-app.js";
const ROTATIONS = 10;

interface Line {
  readonly msg: string;
  readonly role: string;
  /** Of a line that the app printed. */
  readonly stream?: string;
}

after(stopAllDaemons);

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-logs-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Fails where a line is not whole. */
function linesOf(file: string): Line[] {
  const text = readFileSync(file, "utf8");
  assert.ok(text === "" || text.endsWith("\n"), `${file} ends in a line`);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function startLoad(daemon: Daemon): StrictClient {
  return startStrictClient({
    ...daemon.address,
    connections: 16,
    keepAlive: true,
    pauseMs: { min: 0, max: 5 },
    requestTimeoutMs: 15_000,
    mix: [{ method: "GET", path: "/" }],
  });
}

/** As logrotate does it; done when no process has the old file any more. */
async function rotate(daemon: Daemon, file: string, to: string) {
  renameSync(file, to);
  daemon.signal("SIGUSR1");
  const hasLeft = (pid: number) => {
    try {
      return !openFilesBelow(path.dirname(to), pid).includes(to);
    } catch {
      return true; // the process is gone
    }
  };
  const areAllNew = () => daemon.processes().every(({ pid }) => hasLeft(pid));
  const what = "all processes to leave the old file";
  await waitUntil(areAllNew, { what, timeoutMs: 60_000 });
}

describe("the log file", { concurrency: 2 }, () => {
  test("is rotated under load without losing a line", async (t) => {
    const folder = newFolder(t);
    const file = path.join(folder, "app.log");
    const daemon = await startDaemon({
      app: APP,
      logFile: file,
      args: ["--workers", "2", "--drain-linger-ms", "1000"],
    });
    const client = startLoad(daemon);
    t.after(() => client.stop());
    for (let count = 1; count <= ROTATIONS; count++) {
      const rotated = `${file}.${count}`;
      // Workers that start or drain do so as well.
      if (count % 2 === 0) daemon.signal("SIGHUP");
      await rotate(daemon, file, rotated);
      // From here on nobody writes to the old one.
      const { length } = readFileSync(rotated);
      const answered = client.report.answered + 100;
      await waitUntil(() => client.report.answered > answered, {
        what: "100 more requests",
      });
      assert.equal(readFileSync(rotated).length, length);
    }
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    await daemon.stop();

    const files = readdirSync(folder);
    assert.equal(files.length, ROTATIONS + 1);
    const lines = files.flatMap((name) => linesOf(path.join(folder, name)));
    const requests = lines.filter(({ msg }) => msg === "request");
    assert.equal(requests.length, report.answered);
    assert.equal(daemon.stderr, "");
    t.diagnostic(`${report.answered} lines in ${files.length} files, 0 lost`);
  });

  test("goes on where it is when its folder is gone, and says so once", async (t) => {
    const folder = newFolder(t);
    const logs = path.join(folder, "logs");
    mkdirSync(logs);
    const file = path.join(logs, "app.log");
    const daemon = await startDaemon({
      app: APP,
      logFile: file,
      args: ["--workers", "2"],
    });
    const moved = path.join(folder, "moved");
    renameSync(logs, moved);
    daemon.signal("SIGUSR1");
    await waitUntil(() => daemon.stderr.includes("\n"), {
      what: "a line on the standard error",
    });
    const client = startLoad(daemon);
    await waitUntil(() => client.report.answered > 100, { what: "answers" });
    const { answered, failures } = await client.stop();
    assert.deepEqual(failures, []);
    const countLines = () => linesOf(path.join(moved, "app.log")).length;
    await waitUntil(() => countLines() >= answered, { what: "their lines" });
    assert.match(
      daemon.stderr,
      /^remuda: log file .* the old file: ENOENT.*\n$/,
    );

    mkdirSync(logs);
    daemon.signal("SIGUSR1");
    await waitUntil(() => existsSync(file), { what: "the new file" });
    await daemon.stop();
    assert.ok(linesOf(file).some(({ msg }) => msg === "stopped"));
  });

  test("has what the app prints too; the standard output has nothing", async (t) => {
    const folder = projectFolder(t);
    const app = `console.log("printed");
      console.error("failed");
      export default (app) => app;`;
    writeFileSync(path.join(folder, "app.mjs"), app);
    const ports = ["--port", "0", "--admin-port", "0"];
    const args = ["start", "app.mjs", ...ports, "--log-file", "app.log"];
    const child = spawnCli([...args, "--workers", "1"], { cwd: folder });
    t.after(() => child.kill("SIGKILL"));
    const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
    const file = path.join(folder, "app.log");
    const messages = () => linesOf(file).map(({ msg }) => msg);
    await waitUntil(() => messages().includes("ready"), {
      what: "the daemon to be ready",
      timeoutMs: 60_000,
    });
    child.kill("SIGQUIT");
    assert.deepEqual(await outputs, ["", ""]);
    assert.equal(messages().at(-1), "stopped");
    const printed = linesOf(file).filter(({ role }) => role === "app");
    assert.deepEqual(
      printed.map(({ stream, msg }) => `${stream}: ${msg}`),
      ["stdout: printed", "stderr: failed"],
    );
  });

  test("is refused at the start where it cannot be", async (t) => {
    const file = path.join(newFolder(t), "no/app.log");
    const { code, stderr } = await runCli([
      ...["start", APP, "--port", "0", "--admin-port", "0"],
      ...["--log-file", file],
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /^remuda: logFile .* is in a folder that does not/);
  });
});
