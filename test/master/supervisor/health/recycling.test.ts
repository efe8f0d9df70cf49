import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  nextToRecycle,
  type RecycleView,
} from "../../../../src/master/supervisor/health/recycling.ts";

interface NamedView extends RecycleView {
  readonly name: string;
}

const NO_LIMITS = {
  maxWorkerMemoryBytes: 0,
  maxRequestsPerWorker: 0,
  maxWorkerAgeMs: 0,
};

const LONG_AGO = -100_000;

function viewOf(name: string, given: Partial<RecycleView> = {}): NamedView {
  return {
    name,
    state: "ready",
    readyAt: LONG_AGO,
    memoryBytes: 0,
    requestCount: 0,
    chance: 0,
    retireReason: undefined,
    settings: NO_LIMITS,
    ...given,
  };
}

/** As "b memory"; "none" where nobody is. */
function next(workers: readonly NamedView[], now = 0): string {
  const found = nextToRecycle(workers, now);
  return found ? `${found.worker.name} ${found.reason}` : "none";
}

describe("the next worker to be recycled", () => {
  it("is none where there are no limits", () => {
    const much = { memoryBytes: 1e12, requestCount: 1e9, readyAt: -1e12 };
    assert.equal(next([viewOf("a", much)]), "none");
  });

  it("is one that takes more memory than it may", () => {
    const settings = { ...NO_LIMITS, maxWorkerMemoryBytes: 100 };
    const a = viewOf("a", { settings, memoryBytes: 100 });
    const b = viewOf("b", { settings, memoryBytes: 101 });
    assert.equal(next([a, b]), "b memory");
  });

  it("is one that has answered so many requests", () => {
    const settings = { ...NO_LIMITS, maxRequestsPerWorker: 1_000 };
    const a = viewOf("a", { settings, requestCount: 999 });
    const b = viewOf("b", { settings, requestCount: 1_000 });
    assert.equal(next([a, b]), "b max_requests");
  });

  it("is one that is so old", () => {
    const settings = { ...NO_LIMITS, maxWorkerAgeMs: 60_000 };
    const a = viewOf("a", { settings, readyAt: 1 });
    const b = viewOf("b", { settings, readyAt: 0 });
    assert.equal(next([a, b], 59_999), "none");
    assert.equal(next([a, b], 60_000), "b age");
  });

  it("comes up to a quarter before its limit, each at its own time", () => {
    const settings = { ...NO_LIMITS, maxWorkerAgeMs: 60_000 };
    const a = viewOf("a", { settings, readyAt: 0, chance: 0.5 });
    const b = viewOf("b", { settings, readyAt: 0, chance: 1 });
    assert.equal(next([a, b], 44_999), "none");
    assert.equal(next([a, b], 45_000), "b age");
    assert.equal(next([a], 52_499), "none");
    assert.equal(next([a], 52_500), "a age");
  });

  it("is one that takes too much memory before one that is old", () => {
    const limits = { maxWorkerMemoryBytes: 100, maxWorkerAgeMs: 1_000 };
    const settings = { ...NO_LIMITS, ...limits };
    const a = viewOf("a", { settings });
    const b = viewOf("b", { settings, memoryBytes: 101 });
    assert.equal(next([a, b]), "b memory");
  });

  it("is none while another one is there still", () => {
    const settings = { ...NO_LIMITS, maxWorkerAgeMs: 1_000 };
    const a = viewOf("a", { settings });
    const leaving = { retireReason: "age", state: "draining" } as const;
    assert.equal(next([viewOf("b", leaving), a]), "none");
    assert.equal(next([a]), "a age");
  });

  it("is none that starts, drains, or has only just begun", () => {
    const settings = { ...NO_LIMITS, maxWorkerMemoryBytes: 1 };
    const large = { settings, memoryBytes: 2 };
    const starting = { state: "starting", readyAt: undefined } as const;
    assert.equal(next([viewOf("a", { ...large, ...starting })]), "none");
    assert.equal(next([viewOf("a", { ...large, state: "draining" })]), "none");
    const young = viewOf("a", { ...large, readyAt: 0 });
    assert.equal(next([young], 999), "none");
    assert.equal(next([young], 1_000), "a memory");
  });
});
