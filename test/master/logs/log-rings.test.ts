import assert from "node:assert/strict";
import { closeSync, fstatSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { LogRings } from "../../../src/master/logs/log-rings.ts";
import { LogTail } from "../../../src/master/logs/log-tail.ts";
import { openRingFile } from "../../../src/master/logs/open-ring-file.ts";
import type { WorkerHandle } from "../../../src/master/supervisor/workers/worker-handle.ts";
import { LineRing } from "../../../src/shared/logging/line-ring.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ALL = { level: 0, slot: undefined };

function worker(id: number, slot = id): WorkerHandle {
  return { id, slot } as WorkerHandle;
}

/** A worker's end of its ring. */
function addWorker(rings: LogRings, id: number, slot = id): LineRing {
  const fd = rings.open();
  assert.ok(fd !== undefined);
  rings.add(id, fd);
  assert.equal(rings.onBoot(worker(id, slot)), true);
  return new LineRing(fd);
}

function line(time: number, msg: string, level = 30): string {
  return `${JSON.stringify({ level, time, msg })}\n`;
}

async function messages(tail: LogTail, max = 100): Promise<string[]> {
  const lines = await tail.recent(max);
  return lines.map((text) => JSON.parse(text).msg);
}

describe("the file of recent lines", () => {
  it("has no name, and is its owner's alone", () => {
    const folder = temporaryFolder();
    const fd = openRingFile(["/nowhere", folder]);
    assert.ok(fd !== undefined);
    assert.deepEqual(readdirSync(folder), []);
    const { nlink, mode } = fstatSync(fd);
    closeSync(fd);
    assert.deepEqual([nlink, mode & 0o777], [0, 0o600]);
  });

  it("is missing where no folder takes it", () => {
    assert.equal(openRingFile(["/nowhere", "/proc"]), undefined);
  });
});

describe("the lines of several processes", () => {
  it("leave nothing of a worker that has logged nothing", () => {
    const rings = new LogRings();
    const before = rings.sources.length;
    for (let id = 1; id <= 100; id++) {
      addWorker(rings, id);
      rings.onGone(worker(id));
    }
    assert.equal(rings.sources.length, before);
  });

  it("are in the order of their times, from a level, of a slot", async () => {
    const rings = new LogRings();
    const one = addWorker(rings, 1);
    const two = addWorker(rings, 2);
    rings.ring?.write(line(3, "c", 50));
    one.write(line(1, "a") + line(4, "d"));
    two.write(line(2, "b", 50) + line(5, "e"));
    assert.deepEqual(await messages(new LogTail(rings, ALL)), [..."abcde"]);
    assert.deepEqual(await messages(new LogTail(rings, ALL), 2), ["d", "e"]);
    const severe = new LogTail(rings, { level: 50, slot: undefined });
    assert.deepEqual(await messages(severe), ["b", "c"]);
    const ofTwo = new LogTail(rings, { level: 0, slot: 2 });
    assert.deepEqual(await messages(ofTwo), ["b", "e"]);
    const ofMaster = new LogTail(rings, { level: 0, slot: 0 });
    assert.deepEqual(await messages(ofMaster), ["c"]);
  });

  it("have the place of the line before them, without a time", async () => {
    const rings = new LogRings();
    const one = addWorker(rings, 1);
    addWorker(rings, 2).write(line(3, "c"));
    one.write(`${line(2, "b")}192.0.2.1 - - "GET /"\n`);
    const lines = await new LogTail(rings, ALL).recent(100);
    assert.equal(lines[1], '192.0.2.1 - - "GET /"');
  });

  it("go on where they were when a worker has ended", async () => {
    const rings = new LogRings();
    const ring = addWorker(rings, 1);
    const tail = new LogTail(rings, ALL);
    ring.write(line(1, "a"));
    assert.deepEqual(await messages(tail), ["a"]);
    ring.write(line(2, "last words"));
    rings.onGone(worker(1));
    assert.deepEqual(tail.next(), {
      lines: [line(2, "last words").trim()],
      missed: 0,
    });
    assert.deepEqual(tail.next().lines, []);
  });

  it("are kept within bounds, of workers that have ended", async () => {
    const rings = new LogRings();
    for (let id = 1; id <= 10; id++) {
      const ring = addWorker(rings, id, 1);
      for (let at = 0; at < 300; at++) ring.write(line(id, "x".repeat(1_000)));
      rings.onGone(worker(id, 1));
    }
    const kept = rings.sources.map(({ reader }) => reader.keptBytes);
    const bytes = kept.reduce((sum, each) => sum + each, 0);
    assert.ok(bytes > 700_000 && bytes <= 1024 * 1024, String(bytes));
    const lines = await new LogTail(rings, ALL).recent(1);
    assert.equal(JSON.parse(lines[0] ?? "").time, 10);
  });
});
