import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WorkerHandle } from "../../../../src/master/supervisor/workers/worker-handle.ts";
import { settingsSchema } from "../../../../src/shared/config/settings.ts";
import type { WorkerMessage } from "../../../../src/shared/ipc-messages.ts";
import { quietReport } from "../../metrics/worker-reports.ts";
import { type FakeWorkerProcess, fakeFork } from "./fake-worker-process.ts";

const settings = settingsSchema.parse({});

interface StartedWorker {
  readonly worker: WorkerHandle;
  readonly fake: FakeWorkerProcess;
  /** Events of the handle, in order. */
  readonly events: string[];
}

function startWorker(): StartedWorker {
  const { fork, processes } = fakeFork();
  const events: string[] = [];
  const identity = {
    slot: 1,
    generation: 1,
    settings,
    startedAt: 5,
    chance: 0,
  };
  const worker = new WorkerHandle(fork, identity, {
    onMessage: (_, { type }) => events.push(type),
    onArrived: (_, id) => events.push(`arrived ${id}`),
    onWatchdog: () => {},
    onRefused: (_, id) => events.push(`refused ${id}`),
    onViolation: ({ violation }) => events.push(`violation: ${violation}`),
    onGone: () => events.push("gone"),
  });
  const [fake] = processes;
  assert.ok(fake);
  return { worker, fake, events };
}

/** Waits for more turns of the event loop than a last message may take. */
async function lastMessageTurns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

describe("the end of a worker", () => {
  it("is told once the process and its channel have ended", () => {
    const { worker, fake, events } = startWorker();
    fake.endProcess(null, "SIGKILL");
    assert.deepEqual(events, []);
    fake.closeChannel();
    assert.deepEqual(events, ["gone"]);
    assert.deepEqual(worker.exit, { code: null, signal: "SIGKILL" });
  });

  it("is told also where the channel closes first", () => {
    const { fake, events } = startWorker();
    fake.closeChannel();
    assert.deepEqual(events, []);
    fake.endProcess(0);
    assert.deepEqual(events, ["gone"]);
  });

  it("comes after what it said last", () => {
    const { fake, events } = startWorker();
    fake.becomeReady();
    fake.endProcess(0);
    fake.beat();
    fake.closeChannel();
    assert.deepEqual(events, ["hello", "ready", "heartbeat", "gone"]);
  });

  it("does not wait for a descendant that holds the channel", async () => {
    const { fake, events } = startWorker();
    fake.endProcess(0);
    assert.deepEqual(events, [], "its last words may be on the way");
    await lastMessageTurns();
    assert.deepEqual(events, ["gone"]);
    fake.closeChannel();
    assert.deepEqual(events, ["gone"], "told once");
  });

  it("waits while the process's last words come in", async () => {
    const { fake, events } = startWorker();
    fake.becomeReady();
    fake.endProcess(0);
    for (let word = 0; word < 10; word++) {
      fake.beat();
      await new Promise(setImmediate);
    }
    assert.ok(!events.includes("gone"));
    await lastMessageTurns();
    assert.equal(events.at(-1), "gone");
  });

  it("is final: what a descendant says then is not heard", async () => {
    const { fake, events } = startWorker();
    fake.endProcess(0);
    assert.deepEqual(events, [], "its last words may be on the way");
    await lastMessageTurns();
    fake.beat();
    assert.deepEqual(events, ["gone"]);
  });

  it("is told of a process that could not be had, with why", () => {
    const { worker, fake, events } = startWorker();
    fake.neverStart(new Error("spawn node EMFILE"));
    fake.neverStart(new Error("spawn node EMFILE"));
    fake.closeChannel();
    assert.deepEqual(events, ["gone"]);
    assert.match(worker.failure?.message ?? "", /spawn node EMFILE/);
  });
});

describe("a worker", () => {
  it("is told nothing once its channel is closed", () => {
    const { worker, fake } = startWorker();
    worker.send({ type: "drain" });
    fake.closeChannel();
    worker.send({ type: "drain" });
    assert.deepEqual(fake.heard, ["drain"]);
  });

  it("is killed until it has ended, and keeps why", () => {
    const { worker, fake } = startWorker();
    worker.markUnhealthy("stuck");
    worker.kill("SIGKILL");
    worker.markUnhealthy("memory");
    worker.kill("SIGKILL");
    assert.equal(worker.killReason, "stuck");
    fake.exit(null, "SIGKILL");
    worker.markUnhealthy("drain_timeout");
    worker.kill("SIGKILL");
    assert.deepEqual(fake.signals, ["SIGKILL", "SIGKILL"]);
    assert.equal(worker.killReason, "stuck");
  });

  it("moves only as its table of states says", () => {
    const { worker } = startWorker();
    worker.markReady(7);
    assert.equal(worker.readyAt, 7);
    worker.markDraining(8);
    assert.equal(worker.drainingSince, 8);
    assert.throws(() => worker.markReady(9), {
      message: 'no transition from "draining" to "ready"',
    });
    assert.equal(worker.state, "draining");
    assert.equal(worker.readyAt, 7);
  });
});

describe("what a worker says that no worker says", () => {
  /** Returns the events after a ready worker has sent the values. */
  function afterSaying(...values: readonly unknown[]): string[] {
    const { fake, events } = startWorker();
    fake.becomeReady();
    events.length = 0;
    for (const value of values) fake.say(value as WorkerMessage);
    return events;
  }

  it("is told as a violation, and nothing after it is heard", () => {
    const heartbeat = { type: "heartbeat", report: quietReport() };
    const events = afterSaying(null, heartbeat, "again");
    assert.equal(events.length, 1);
    assert.match(events[0] ?? "", /^violation: it: /);
  });

  it("names the place, in few words", () => {
    const nobody = { type: "x".repeat(1_000_000) };
    for (const [value, place] of [
      [{ type: "count", id: 1 }, "entries"],
      [{ type: "count", id: 1, entries: [null] }, "entries.0"],
      [{ type: "accepted", id: -1 }, "id"],
      [{ type: "connections", openConnections: 1.5 }, "openConnections"],
      [{ type: "leaving", report: {} }, "report.gauges"],
      [nobody, "type"],
    ] as const) {
      const [told = "", ...others] = afterSaying(value);
      assert.ok(told.startsWith(`violation: ${place}: `), told);
      assert.ok(told.length < 300);
      assert.deepEqual(others, []);
    }
  });

  it("is also what comes when it may not", () => {
    const report = quietReport();
    const leaving = { type: "leaving", report };
    const ready = { type: "ready", routes: [], hasApp: true };
    const isNoTime = (type: string, phase: string) =>
      `violation: "${type}" in the phase "${phase}"`;
    assert.deepEqual(afterSaying(ready), [isNoTime("ready", "serving")]);
    assert.deepEqual(afterSaying({ type: "hello" }), [
      isNoTime("hello", "serving"),
    ]);
    assert.deepEqual(afterSaying(leaving, ready), [
      "leaving",
      isNoTime("ready", "leaving"),
    ]);
    assert.deepEqual(afterSaying(leaving, { type: "retire", why: "TERM" }), [
      "leaving",
      "retire",
    ]);
  });

  it("counts only once, and not after its end", () => {
    const { worker, fake, events } = startWorker();
    fake.say("x" as unknown as WorkerMessage);
    fake.say("y" as unknown as WorkerMessage);
    assert.equal(events.length, 1);
    assert.notEqual(worker.violation, undefined);
    const { fake: gone, events: ofGone } = startWorker();
    gone.endProcess(0);
    gone.say("x" as unknown as WorkerMessage);
    gone.closeChannel();
    assert.deepEqual(ofGone, ["gone"]);
  });
});
