import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WorkerHandle } from "../../src/master/worker-handle.ts";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import { type PlayedProcess, playedFork } from "./played-process.ts";

const settings = settingsSchema.parse({});

interface Played {
  readonly worker: WorkerHandle;
  readonly played: PlayedProcess;
  /** What the handle's owner was told. */
  readonly events: string[];
}

function startWorker(): Played {
  const { fork, processes } = playedFork();
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
    onGone: () => events.push("gone"),
  });
  const [played] = processes;
  assert.ok(played);
  return { worker, played, events };
}

/** Turns of the event loop, more than a last word may take. */
async function nothingIsOnTheWay(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

describe("the end of a worker", () => {
  it("is told once the process and its channel have ended", () => {
    const { worker, played, events } = startWorker();
    played.endProcess(null, "SIGKILL");
    assert.deepEqual(events, []);
    played.closeChannel();
    assert.deepEqual(events, ["gone"]);
    assert.deepEqual(worker.exit, { code: null, signal: "SIGKILL" });
  });

  it("is told also where the channel closes first", () => {
    const { played, events } = startWorker();
    played.closeChannel();
    assert.deepEqual(events, []);
    played.endProcess(0);
    assert.deepEqual(events, ["gone"]);
  });

  it("comes after what it said last", () => {
    const { played, events } = startWorker();
    played.endProcess(0);
    played.beat();
    played.closeChannel();
    assert.deepEqual(events, ["heartbeat", "gone"]);
  });

  it("does not wait for a descendant that holds the channel", async () => {
    const { played, events } = startWorker();
    played.endProcess(0);
    assert.deepEqual(events, [], "its last words may be on the way");
    await nothingIsOnTheWay();
    assert.deepEqual(events, ["gone"]);
    played.closeChannel();
    assert.deepEqual(events, ["gone"], "told once");
  });

  it("waits while the process's last words come in", async () => {
    const { played, events } = startWorker();
    played.endProcess(0);
    for (let word = 0; word < 10; word++) {
      played.beat();
      await new Promise(setImmediate);
    }
    assert.ok(!events.includes("gone"));
    await nothingIsOnTheWay();
    assert.equal(events.at(-1), "gone");
  });

  it("is final: what a descendant says then is not heard", async () => {
    const { played, events } = startWorker();
    played.endProcess(0);
    assert.deepEqual(events, [], "its last words may be on the way");
    await nothingIsOnTheWay();
    played.beat();
    assert.deepEqual(events, ["gone"]);
  });

  it("is told of a process that could not be had, with why", () => {
    const { worker, played, events } = startWorker();
    played.neverStart(new Error("spawn node EMFILE"));
    played.neverStart(new Error("spawn node EMFILE"));
    played.closeChannel();
    assert.deepEqual(events, ["gone"]);
    assert.match(worker.failure?.message ?? "", /spawn node EMFILE/);
  });
});

describe("a worker", () => {
  it("is told nothing once its channel is closed", () => {
    const { worker, played } = startWorker();
    worker.send({ type: "drain" });
    played.closeChannel();
    worker.send({ type: "drain" });
    assert.deepEqual(played.heard, ["drain"]);
  });

  it("is killed until it has ended, and keeps why", () => {
    const { worker, played } = startWorker();
    worker.kill("SIGKILL", "stuck");
    worker.kill("SIGKILL");
    assert.equal(worker.killReason, "stuck");
    played.exit(null, "SIGKILL");
    worker.kill("SIGKILL", "drain_timeout");
    assert.deepEqual(played.signals, ["SIGKILL", "SIGKILL"]);
    assert.equal(worker.killReason, "stuck");
  });

  it("moves only as its table of states says", () => {
    const { worker } = startWorker();
    worker.moveTo("ready");
    worker.moveTo("draining");
    assert.throws(() => worker.moveTo("ready"), {
      message: "worker 1 cannot go from draining to ready",
    });
  });
});
