import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
  LineRing,
  RING_FD,
  RingReader,
} from "../../../src/shared/logging/line-ring.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../../support/temporary-folder.ts";

const open: number[] = [];

afterEach(() => {
  for (const fd of open.splice(0)) closeSync(fd);
  removeTemporaryFolders();
});

/** A ring, with its two ends and its file. */
function ringOf(bytes: number) {
  const fd = openSync(path.join(temporaryFolder(), "ring"), "w+");
  open.push(fd);
  const ring = new LineRing(fd, bytes);
  return { fd, ring, reader: new RingReader(fd, bytes) };
}

describe("the ring of recent lines", () => {
  it("has the lines that were written, and later those that are new", () => {
    const { ring, reader } = ringOf(4096);
    assert.deepEqual(reader.read(0), { lines: [], missed: 0, next: 0 });
    ring.write("one\n");
    ring.write("two\nthr\u00e9\u00e9\n");
    const first = reader.read(0);
    const lines = ["one", "two", "thr\u00e9\u00e9"];
    assert.deepEqual(first, { lines, missed: 0, next: 3 });
    assert.deepEqual(reader.read(3).lines, []);
    ring.write("four\n");
    assert.deepEqual(reader.read(3), { lines: ["four"], missed: 0, next: 4 });
    assert.deepEqual(reader.read(1).lines, ["two", "thr\u00e9\u00e9", "four"]);
  });

  it("has the newest lines, whatever their lengths, over many rounds", () => {
    for (const bytes of [512, 1_000, 4_096]) {
      const { ring, reader } = ringOf(bytes);
      const written: string[] = [];
      let next = 0;
      for (let at = 0; at < 500; at++) {
        const line = `${at} ${"x".repeat((at * 37) % 60)}`;
        written.push(line);
        ring.write(`${line}\n`);
        const fresh = new RingReader(open.at(-1) as number, bytes);
        const { lines, missed } = fresh.read(0);
        assert.equal(lines.length + missed, written.length);
        assert.deepEqual(lines, written.slice(missed));
        assert.ok(missed === 0 || lines.join("").length > bytes / 4);
        if (at % 7 > 0) continue;
        const read = reader.read(next);
        assert.deepEqual(read.lines, written.slice(next + read.missed));
        next = read.next;
        assert.equal(next, written.length);
      }
    }
  });

  it("says how many lines a reader has missed", () => {
    const { ring, reader } = ringOf(1_000);
    ring.write("first\n");
    assert.equal(reader.read(0).next, 1);
    for (let at = 1; at <= 1_000; at++) ring.write(`line ${at}\n`);
    const { lines, missed, next } = reader.read(1);
    assert.equal(next, 1_001);
    assert.equal(missed + lines.length, 1_000);
    assert.equal(lines.at(-1), "line 1000");
  });

  it("does not keep a line that is too long for it, but counts it", () => {
    const { ring, reader } = ringOf(1_000);
    ring.write("a\n");
    ring.write(`${"x".repeat(500)}\n`);
    ring.write("b\n");
    assert.deepEqual(reader.read(0), { lines: ["a", "b"], missed: 1, next: 3 });
  });

  it("keeps what it has when its file is closed", () => {
    const { ring, reader } = ringOf(4096);
    ring.write("a\nb\n");
    assert.equal(reader.read(0).next, 2);
    ring.write("c\n");
    assert.equal(reader.keptBytes, 0);
    reader.keep();
    for (const fd of open.splice(0)) closeSync(fd);
    assert.deepEqual(reader.read(2).lines, ["c"]);
    assert.deepEqual(reader.read(0).lines, ["a", "b", "c"]);
    assert.ok(reader.keptBytes > 0 && reader.keptBytes < 100);
  });

  it("ignores records that are incomplete, and other bytes", () => {
    const { fd, ring, reader } = ringOf(4096);
    ring.write("whole\n");
    const garbage = "\x1e99999 1 1 3\nab\x1e1 2\x1e\n\x1e40 1 1 5000\n";
    writeSync(fd, garbage, 40);
    assert.deepEqual(reader.read(0).lines, ["whole"]);
    assert.deepEqual(reader.read(1).lines, []);
  });

  it("does not fail where it cannot be written", () => {
    const ring = new LineRing(openSync("/dev/full", "w"), 4096);
    ring.write("lost\n");
    const closed = openSync("/dev/null", "w");
    closeSync(closed);
    new LineRing(closed, 4096).write("lost\n");
  });

  it("has the last lines of a process that is killed while it writes", async () => {
    const { fd, reader } = ringOf(256 * 1024);
    const source = fileURLToPath(
      new URL("../../../src/shared/logging/line-ring.ts", import.meta.url),
    );
    const code = `
      import { LineRing } from ${JSON.stringify(source)};
      const ring = new LineRing(${RING_FD});
      for (let at = 0; ; at++) {
        ring.write(JSON.stringify({ at, text: "x".repeat(at % 300) }) + "\\n");
        if (at === 20000) process.stdout.write("on");
      }`;
    const args = ["--import", "tsx", "--input-type=module", "--eval", code];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "inherit", "ignore", "ignore", fd],
    });
    await once(child.stdout ?? child, "data");
    let next = 0;
    let last = -1;
    const check = () => {
      const read = reader.read(next);
      next = read.next;
      for (const line of read.lines) {
        const { at, text } = JSON.parse(line) as { at: number; text: string };
        assert.ok(at > last, "in order, each once");
        assert.equal(text.length, at % 300);
        last = at;
      }
    };
    for (let round = 0; round < 50; round++) check();
    child.kill("SIGKILL");
    await once(child, "exit");
    check();
    assert.ok(last > 20_000, "lines after the first round");
  });
});
