import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CanaryView,
  canaryVerdict,
} from "../../../../src/master/supervisor/rollout/canary.ts";
import { viewOf } from "../worker-views.ts";

const PAUSE_MS = 5_000;
const LIMITS = { pauseMs: PAUSE_MS, maxMemoryBytes: 1_000 };

/** One that became ready at 0, and is well. */
function canary(given: Partial<CanaryView> = {}): CanaryView {
  const view = viewOf(1, "ready", { generation: 2, readyAt: 0 });
  const lastHeartbeatAt = PAUSE_MS;
  return { ...view, lastHeartbeatAt, checks: [], memoryBytes: 900, ...given };
}

describe("a canary", () => {
  it("is waited for until it is ready", () => {
    for (const view of [undefined, canary({ state: "starting" })]) {
      const verdict = canaryVerdict(view, LIMITS, PAUSE_MS);
      assert.deepEqual(verdict, { type: "waiting" });
    }
  });

  it("passes when it was healthy for the pause, not before", () => {
    const early = canaryVerdict(canary(), LIMITS, PAUSE_MS - 1);
    assert.deepEqual(early, { type: "waiting" });
    const verdict = canaryVerdict(canary(), LIMITS, PAUSE_MS);
    assert.deepEqual(verdict, { type: "passed" });
  });

  it("passes at once without a pause, whatever is not known yet", () => {
    const limits = { ...LIMITS, pauseMs: 0 };
    const view = canary({ memoryBytes: 5_000 });
    assert.deepEqual(canaryVerdict(view, limits, 0), { type: "passed" });
  });

  it("does not pass while it is silent", () => {
    const silent = canary({ lastHeartbeatAt: PAUSE_MS - 3_000 });
    const verdict = canaryVerdict(silent, LIMITS, PAUSE_MS);
    assert.deepEqual(verdict, { type: "waiting" });
  });

  it("fails at once where it is not well", () => {
    const checks = [
      { name: "disk", failure: undefined },
      { name: "db", failure: "no route" },
    ];
    for (const [view, why] of [
      [canary({ checks }), /check "db" failed .* no route/],
      [canary({ memoryBytes: 1_001 }), /took 1001 bytes of memory/],
      [canary({ wantsToRetire: true }), /asked to be replaced/],
    ] as const) {
      const verdict = canaryVerdict(view, LIMITS, 1);
      assert.equal(verdict.type, "failed");
      assert.match("why" in verdict ? verdict.why : "", why);
    }
  });

  it("may take what it needs where there is no limit", () => {
    const limits = { ...LIMITS, maxMemoryBytes: 0 };
    const view = canary({ memoryBytes: 5_000 });
    const verdict = canaryVerdict(view, limits, PAUSE_MS);
    assert.deepEqual(verdict, { type: "passed" });
  });
});
