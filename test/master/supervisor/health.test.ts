import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  complaintAbout,
  type HealthLimits,
  type WatchedWorker,
} from "../../../src/master/supervisor/health.ts";
import type { WorkerState } from "../../../src/master/supervisor/workers/worker-state.ts";
import { viewOf } from "./worker-views.ts";

const limits: HealthLimits = {
  startTimeoutMs: 3_000,
  heartbeatTimeoutMs: 1_000,
  drainDeadlineMs: 5_000,
  maxWorkerMemoryBytes: 1_000,
};

/** What is said of it so long after time 0, when all that it did happened. */
function complaintAfter(
  ms: number,
  state: WorkerState,
  given: Partial<WatchedWorker> = {},
) {
  const view = { ...viewOf(1, state, given), memoryBytes: 0, ...given };
  return complaintAbout(view, limits, ms);
}

describe("a worker is complained of", () => {
  it("when it is not ready in time", () => {
    assert.equal(complaintAfter(3_000, "starting"), undefined);
    assert.equal(complaintAfter(3_001, "starting"), "start_timeout");
  });

  it("not for its silence while it starts", () => {
    assert.equal(complaintAfter(2_000, "starting"), undefined);
  });

  it("when it was silent for too long", () => {
    assert.equal(complaintAfter(1_000, "ready"), undefined);
    assert.equal(complaintAfter(1_001, "ready"), "stuck");
    const heard = { lastHeartbeatAt: 500 };
    assert.equal(complaintAfter(1_001, "ready", heard), undefined);
  });

  it("when it is there two seconds after its drain deadline", () => {
    const draining = { drainingSince: 100, lastHeartbeatAt: -10_000 };
    const complaint = (ms: number) => complaintAfter(ms, "draining", draining);
    assert.equal(complaint(7_100), undefined);
    assert.equal(complaint(7_101), "drain_timeout");
  });

  it("never once it is gone", () => {
    assert.equal(complaintAfter(1_000_000, "gone"), undefined);
  });

  it("when it takes twice the memory that it may", () => {
    assert.equal(complaintAfter(0, "ready", { memoryBytes: 2_000 }), undefined);
    for (const state of ["starting", "ready", "draining"] as const) {
      assert.equal(complaintAfter(0, state, { memoryBytes: 2_001 }), "memory");
    }
  });

  it("for its silence while it drains, too", () => {
    const draining = { drainingSince: 0, readyAt: 0 };
    assert.equal(complaintAfter(1_000, "draining", draining), undefined);
    assert.equal(complaintAfter(1_001, "draining", draining), "stuck");
  });
});
