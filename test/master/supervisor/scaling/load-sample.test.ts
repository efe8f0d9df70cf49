import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type LoadView,
  loadSample,
} from "../../../../src/master/supervisor/scaling/autoscale.ts";
import { viewOf } from "../worker-views.ts";

const NOW = 100_000;

function busy(eventLoopUtilization: number, given: object = {}): LoadView {
  return {
    ...viewOf(1, "ready"),
    readyAt: NOW - 60_000,
    lastHeartbeatAt: NOW - 500,
    gauges: { eventLoopUtilization },
    ...given,
  };
}

describe("how busy the workers are", () => {
  it("is the mean of those that are ready", () => {
    const leaving = busy(1, { state: "draining" });
    const coming = busy(1, { state: "starting" });
    const sample = loadSample([busy(0.25), busy(0.75), leaving, coming], NOW);
    assert.deepEqual(sample, { at: NOW, utilization: 0.5, isComplete: true });
  });

  it("leaves out those that were not heard of for two seconds", () => {
    const silent = busy(0, { lastHeartbeatAt: NOW - 2_001 });
    const sample = loadSample([busy(0.5), silent], NOW);
    assert.deepEqual(sample, { at: NOW, utilization: 0.5, isComplete: false });
  });

  it("is not known yet where one has just become ready", () => {
    const at = NOW - 500;
    const fresh = busy(0, { readyAt: at, lastHeartbeatAt: at });
    assert.equal(loadSample([busy(0.5), fresh], NOW), undefined);
  });

  it("leaves out those that never reported since they got ready", () => {
    const at = NOW - 2_000;
    const mute = busy(0, { readyAt: at, lastHeartbeatAt: at });
    const sample = loadSample([busy(0.5), mute], NOW);
    assert.deepEqual(sample, { at: NOW, utilization: 0.5, isComplete: false });
  });

  it("is not known where nobody was heard of", () => {
    const silent = busy(1, { lastHeartbeatAt: NOW - 5_000 });
    assert.equal(loadSample([silent], NOW), undefined);
    assert.equal(loadSample([], NOW), undefined);
  });
});
