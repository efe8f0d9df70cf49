import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type HealthLimits,
  type HealthView,
  unhealthyReason,
} from "../../../../src/master/supervisor/health/health.ts";
import type { WorkerState } from "../../../../src/master/supervisor/workers/worker-state.ts";
import { viewOf } from "../worker-views.ts";

const limits: HealthLimits = {
  startTimeoutMs: 3_000,
  heartbeatTimeoutMs: 1_000,
  drainDeadlineMs: 5_000,
  maxWorkerMemoryBytes: 1_000,
};

/** The reason at the time, of a worker whose events were all at time 0. */
function reasonAfter(
  ms: number,
  state: WorkerState,
  given: Partial<HealthView> = {},
) {
  const view = { ...viewOf(1, state, given), memoryBytes: 0, ...given };
  return unhealthyReason(view, limits, ms);
}

describe("a worker is unhealthy", () => {
  it("when it is not ready in time", () => {
    assert.equal(reasonAfter(3_000, "starting"), undefined);
    assert.equal(reasonAfter(3_001, "starting"), "start_timeout");
  });

  it("not for its silence while it starts", () => {
    assert.equal(reasonAfter(2_000, "starting"), undefined);
  });

  it("when it was silent for too long", () => {
    assert.equal(reasonAfter(1_000, "ready"), undefined);
    assert.equal(reasonAfter(1_001, "ready"), "stuck");
    const heard = { lastHeartbeatAt: 500 };
    assert.equal(reasonAfter(1_001, "ready", heard), undefined);
  });

  it("when it is there two seconds after its drain deadline", () => {
    const draining = { drainingSince: 100, lastHeartbeatAt: -10_000 };
    const reason = (ms: number) => reasonAfter(ms, "draining", draining);
    assert.equal(reason(7_100), undefined);
    assert.equal(reason(7_101), "drain_timeout");
  });

  it("never once it is gone", () => {
    assert.equal(reasonAfter(1_000_000, "gone"), undefined);
  });

  it("when it takes twice the memory that it may", () => {
    assert.equal(reasonAfter(0, "ready", { memoryBytes: 2_000 }), undefined);
    for (const state of ["starting", "ready", "draining"] as const) {
      assert.equal(reasonAfter(0, state, { memoryBytes: 2_001 }), "memory");
    }
  });

  it("for its silence while it drains, too", () => {
    const draining = { drainingSince: 0, readyAt: 0 };
    assert.equal(reasonAfter(1_000, "draining", draining), undefined);
    assert.equal(reasonAfter(1_001, "draining", draining), "stuck");
  });
});
