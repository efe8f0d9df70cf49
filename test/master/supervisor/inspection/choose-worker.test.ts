import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ChoiceView,
  chooseWorker,
} from "../../../../src/master/supervisor/inspection/choose-worker.ts";
import type { WorkerState } from "../../../../src/master/supervisor/workers/worker-state.ts";

const NOW = 100_000;

function worker(
  id: number,
  slot: number,
  { state = "ready" as WorkerState, ageMs = 500, load = 0 } = {},
): ChoiceView {
  const gauges = { eventLoopUtilization: load };
  return { id, slot, state, lastHeartbeatAt: NOW - ageMs, gauges };
}

describe("the worker to inspect", () => {
  it("is the one in the slot, and the ready one of two", () => {
    const draining = worker(1, 1, { state: "draining" });
    const ready = worker(3, 1);
    const workers = [draining, worker(2, 2), ready];
    assert.equal(chooseWorker(workers, { slot: 1 }, NOW), ready);
    assert.equal(chooseWorker(workers, { id: 1 }, NOW), draining);
    assert.equal(chooseWorker(workers, { slot: 3 }, NOW), undefined);
    assert.equal(chooseWorker(workers, { id: 9 }, NOW), undefined);
  });

  it("may be one that starts, if no other is in the slot", () => {
    const starting = worker(1, 1, { state: "starting" });
    const workers = [worker(2, 1, { state: "draining" }), starting];
    assert.equal(chooseWorker(workers, { slot: 1 }, NOW), starting);
    assert.equal(chooseWorker(workers, "any", NOW), starting);
  });

  it("is the busiest one if the slowest is asked for", () => {
    const busy = worker(2, 2, { load: 0.9 });
    const workers = [worker(1, 1, { load: 0.2 }), busy, worker(3, 3)];
    assert.equal(chooseWorker(workers, "slowest", NOW), busy);
  });

  it("is rather one whose event loop is blocked", () => {
    const blocked = worker(3, 3, { ageMs: 4_000, load: 0.1 });
    const busy = worker(2, 2, { ageMs: 900, load: 0.9 });
    assert.equal(chooseWorker([busy, blocked], "slowest", NOW), blocked);
  });

  it("is not a slow one that does not serve", () => {
    const starting = worker(1, 1, { state: "starting", ageMs: 9_000 });
    assert.equal(chooseWorker([starting], "slowest", NOW), undefined);
  });
});
