import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  agentAnswer,
  type Capacity,
  weightPercent,
} from "../../../../src/master/admin/balancer-status.ts";

const READY = { isReady: true, why: "ready", isClosing: false };

function capacity(given: Partial<Capacity> = {}): Capacity {
  return { readyWorkers: 4, workersWanted: 4, utilization: 0, ...given };
}

describe("the answer to agent-check", () => {
  it("is how much of its weight a server wants", () => {
    const answer = agentAnswer(READY, capacity({ utilization: 0.5 }));
    assert.equal(answer, "up ready 75%");
  });

  it("is to send nothing new, from TERM on", () => {
    const why = "stopping";
    const closing = { isReady: false, why, isClosing: true };
    assert.equal(agentAnswer(closing, capacity()), "drain");
  });

  it("is why a server is down", () => {
    const why = "0 of 2 workers are ready";
    const down = { isReady: false, why, isClosing: false };
    assert.equal(
      agentAnswer(down, capacity({ readyWorkers: 0 })),
      "down #0 of 2 workers are ready",
    );
  });
});

describe("the weight that a server wants", () => {
  const cases: readonly (readonly [string, Partial<Capacity>, number])[] = [
    ["all of it, where it is idle", {}, 100],
    ["a half, where it is busy all the time", { utilization: 1 }, 50],
    ["the share of its workers that are ready", { readyWorkers: 3 }, 75],
    ["both together", { readyWorkers: 2, utilization: 0.4 }, 40],
    ["no more where a roll has one more", { readyWorkers: 5 }, 100],
    [
      "a tenth at least",
      { readyWorkers: 1, workersWanted: 16, utilization: 1 },
      10,
    ],
  ];
  for (const [name, given, percent] of cases) {
    it(`is ${name}`, () => {
      assert.equal(weightPercent(capacity(given)), percent);
    });
  }

  // What a server gets depends on the weights of before, and its weight on
  // what it gets: with a steeper formula instances would take turns.
  for (const delaySeconds of [1, 2, 10]) {
    for (const load of [0.5, 0.8, 0.95]) {
      const name = `load ${load}, told ${delaySeconds} s late`;
      it(`lets two instances settle: ${name}`, () => {
        const gaps = gapsOverTime({ load, delaySeconds });
        const late = gaps.slice(-60);
        assert.ok(Math.max(...late) < 0.05, `${Math.max(...late)}`);
      });
    }
  }
});

/** As a server says it: by the mean of the last five seconds. */
const WINDOW = 5;

/** By how much one of two instances is busier than the other, each second. */
function gapsOverTime(given: { load: number; delaySeconds: number }) {
  const { load, delaySeconds } = given;
  const told: number[][] = [[100, 30]];
  const seen: number[][] = [[], []];
  const gaps: number[] = [];
  for (let second = 0; second < 600; second++) {
    const heard = told[Math.max(0, told.length - delaySeconds)] ?? [];
    const busy = heard.map((weight) => {
      return Math.min(1, (2 * load * weight) / sum(heard));
    });
    gaps.push(Math.max(...busy) - Math.min(...busy));
    const weights = seen.map((samples, index) => {
      samples.push(busy[index] ?? 0);
      const utilization = sum(samples.slice(-WINDOW)) / WINDOW;
      return weightPercent(capacity({ utilization }));
    });
    told.push(weights);
  }
  return gaps;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
