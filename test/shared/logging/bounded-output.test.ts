import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync, readSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, it, type TestContext } from "node:test";
import {
  BoundedOutput,
  lostLogLines,
  writeOrLose,
} from "../../../src/shared/logging/bounded-output.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../../support/temporary-folder.ts";
import { waitUntil } from "../../support/wait-until.ts";

const OUTPUT = new URL(
  "../../../src/shared/logging/standard-stream.ts",
  import.meta.url,
);
/** Capacity of a pipe in the kernel. */
const PIPE_BYTES = 65_536;

after(removeTemporaryFolders);

/** A pipe without a reader: the test takes from it what it wants. */
function newPipe(test: TestContext) {
  const fifo = path.join(temporaryFolder(), "fifo");
  execFileSync("mkfifo", [fifo]);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  test.after(() => closeSync(fd));
  const buffer = Buffer.alloc(PIPE_BYTES);
  const takeAll = () => {
    try {
      return buffer.toString("latin1", 0, readSync(fd, buffer));
    } catch {
      return ""; // nothing there
    }
  };
  return { fd, takeAll };
}

function line(name: string, length = 100): string {
  return `${name.padEnd(length - 1, ".")}\n`;
}

async function readUntil(takeAll: () => string, last: string) {
  let all = "";
  const hasLast = () => {
    all += takeAll();
    return all.includes(last);
  };
  await waitUntil(hasLast, { what: last });
  return all.split("\n").slice(0, -1);
}

/** Runs a script that has `output`, for its standard output. */
function run(script: string) {
  const code = `
    import { standardOutputLines } from ${JSON.stringify(OUTPUT.href)};
    const output = standardOutputLines();
    ${script}`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  return spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

describe("lines for a reader that has stopped", () => {
  it("wait, and come whole and in their order once it goes on", async (t) => {
    const { fd, takeAll } = newPipe(t);
    const output = new BoundedOutput({ outlet: { fd } });
    const lines = Array.from({ length: 3_000 }, (_, at) => line(`${at}`));
    for (const each of lines) output.write(each);
    assert.ok(output.waitingBytes > 0);
    output.write("last\n");
    const read = await readUntil(takeAll, "last\n");
    assert.deepEqual(read, [...lines.map((each) => each.trim()), "last"]);
    assert.equal(output.waitingBytes, 0);
  });

  it("come whole where one is longer than a pipe", async (t) => {
    const { fd, takeAll } = newPipe(t);
    const output = new BoundedOutput({ outlet: { fd } });
    output.write(line("first", 3 * PIPE_BYTES));
    output.write("last\n");
    const read = await readUntil(takeAll, "last\n");
    assert.deepEqual(read, [line("first", 3 * PIPE_BYTES).trim(), "last"]);
  });

  it("are dropped beyond a limit, those of low importance first", async (t) => {
    const { fd, takeAll } = newPipe(t);
    const before = lostLogLines();
    const maxWaitingBytes = 10_000;
    const output = new BoundedOutput({ outlet: { fd }, maxWaitingBytes });
    const dropped: number[] = [];
    output.onDropped = (lines) => {
      dropped.push(lines);
      output.write(`dropped ${lines}\n`);
    };
    for (let at = 0; at < 2_000; at++) output.write(line(`low ${at}`), "low");
    output.write(line("important"));
    const lost = lostLogLines() - before;
    assert.ok(lost > 1_000 && lost < 2_000, `${lost} lost`);
    const read = await readUntil(takeAll, `dropped ${lost}\n`);
    assert.deepEqual(dropped, [lost]);
    assert.equal(read.length, 2_000 - lost + 2);
    assert.ok(read.some((each) => each.startsWith("important")));
  });

  it("are lost, and counted, where the process will not wait", async (t) => {
    const { fd } = newPipe(t);
    const output = new BoundedOutput({ outlet: { fd } });
    for (let at = 0; at < 1_000; at++) output.write(line(`${at}`));
    const before = lostLogLines();
    await writeOrLose(10);
    assert.equal(output.waitingBytes, 0);
    const lost = lostLogLines() - before;
    assert.ok(lost > 300 && lost < 400, `${lost} lost`);
  });
});

describe("the last lines of a process", () => {
  const FILL = `for (let at = 0; at < 9_999; at++) output.write("x".repeat(99) + "\\n");`;

  it("get to a slow reader, also from a crash", async () => {
    const child = run(`${FILL}
      process.on("exit", () => output.write("last words\\n"));
      throw new Error("crash, which is meant");`);
    await once(child.stdout, "readable");
    assert.match(await text(child.stdout), /x\nlast words\n$/);
  });

  it("hold up the exit for a bounded time only, and no event before", async () => {
    const child = run(`${FILL}
      setTimeout(() => process.exit(7), 10);`);
    const [code] = await once(child, "exit");
    assert.equal(code, 7);
    child.stdout.destroy();
  });
});
