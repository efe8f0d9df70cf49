import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  meanUtilization,
  type UtilizationSample,
  withSampleOf,
} from "../../../../src/master/admin/balancer-status.ts";
import type { LoadView } from "../../../../src/master/supervisor/scaling/autoscale.ts";
import { viewOf } from "../../supervisor/worker-views.ts";

const NOW = 100_000;

function worker(utilization: number, given: object = {}): LoadView {
  return {
    ...viewOf(1, "ready"),
    readyAt: NOW - 60_000,
    lastHeartbeatAt: NOW - 500,
    gauges: { eventLoopUtilization: utilization },
    ...given,
  };
}

function now(...workers: LoadView[]): number {
  return meanUtilization(withSampleOf([], workers, NOW));
}

describe("how busy a server is", () => {
  it("is the mean of its ready workers", () => {
    const leaving = worker(1, { state: "draining" });
    assert.equal(now(worker(0.25), worker(0.75), leaving), 0.5);
  });

  it("takes one that is not heard of for one that is busy", () => {
    const silent = worker(0, { lastHeartbeatAt: NOW - 2_001 });
    assert.equal(now(worker(0.5), silent), 0.75);
    assert.equal(now(silent), 1);
  });

  it("leaves out one that has just become ready", () => {
    const at = NOW - 100;
    const fresh = worker(0, { readyAt: at, lastHeartbeatAt: at });
    assert.equal(now(worker(0.5), fresh), 0.5);
    assert.equal(now(fresh), 0, "nothing is known: it may well be idle");
  });

  it("is the mean of the last five seconds", () => {
    let samples: readonly UtilizationSample[] = [];
    const means: number[] = [];
    for (let second = 0; second < 12; second++) {
      const at = NOW + second * 1_000;
      const busy = second < 5 ? 0 : 1;
      const seen = worker(busy, { lastHeartbeatAt: at });
      samples = withSampleOf(samples, [seen], at);
      means.push(meanUtilization(samples));
    }
    assert.deepEqual(means.slice(4), [0, 0.2, 0.4, 0.6, 0.8, 1, 1, 1]);
    assert.equal(samples.length, 5);
  });

  it("is looked at twice a second at most", () => {
    const once = withSampleOf([], [worker(0)], NOW);
    assert.equal(withSampleOf(once, [worker(1)], NOW + 499), once);
    assert.equal(withSampleOf(once, [worker(1)], NOW + 500).length, 2);
  });
});
