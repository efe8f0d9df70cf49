import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AIMS, type Aim, aimOutcomes } from "../../bench/aims.ts";
import { aimsReport } from "../../bench/report.ts";
import type { ScenarioResult } from "../../bench/results-file.ts";
import { SCENARIOS } from "../../bench/scenarios/all.ts";

const pair = { scenario: "hello", server: "remuda", peer: "node-http" };
const cpu: Aim = {
  ...pair,
  metric: "cpuMicrosPerRequest",
  title: "CPU",
  atMost: 0.6,
};
const rate: Aim = {
  ...pair,
  metric: "requestsPerSecond",
  title: "rate",
  atLeast: 10,
};

/** Of two rounds. */
function result(ours: number, theirs: number): ScenarioResult {
  const samples = [1, 2].flatMap((round) => [
    sample("remuda", round, ours),
    sample("node-http", round, theirs),
  ]);
  return { scenario: "hello", samples } as unknown as ScenarioResult;
}

function sample(server: string, round: number, figure: number) {
  const cpuMicrosPerRequest = figure;
  return { server, round, cpuMicrosPerRequest, requestsPerSecond: figure };
}

describe("an aim", () => {
  it("is reached by a ratio that is just what it should be", () => {
    const [outcome] = aimOutcomes([result(6, 10)], [cpu]);
    assert.equal(outcome?.isReached, true);
    const [other] = aimOutcomes([result(10, 1)], [rate]);
    assert.equal(other?.isReached, true);
  });

  it("is missed by more where less is wanted, and the other way round", () => {
    const outcomes = aimOutcomes([result(9.9, 1)], [cpu, rate]);
    assert.deepEqual(
      outcomes.map(({ isReached }) => isReached),
      [false, false],
    );
  });

  it("is no outcome where it was not measured", () => {
    const other = { ...cpu, peer: "fastify" };
    assert.deepEqual(aimOutcomes([], [cpu]), []);
    assert.deepEqual(aimOutcomes([result(1, 2)], [other]), []);
  });

  it("is one of a figure that is a ratio by itself, too", () => {
    const { peer, ...own } = cpu;
    const spread = { median: 0.5, min: 0.4, max: 0.7 };
    const medians = { remuda: { cpuMicrosPerRequest: spread } };
    const one = { ...result(1, 1), medians };
    const [outcome] = aimOutcomes([one], [own]);
    assert.deepEqual(outcome, { aim: own, ratio: spread, isReached: true });
  });

  it("is shown with what was measured", () => {
    const outcomes = aimOutcomes([result(5, 10)], [cpu]);
    const last = aimsReport(outcomes).split("\n").at(-1);
    assert.match(last ?? "", /CPU +\| ≤ 0\.60 \| 0\.50 \(0\.50–0\.50\) .*yes/);
  });
});

describe("the aims", () => {
  for (const { title, scenario, server, peer } of AIMS) {
    const known = SCENARIOS.find(({ name }) => name === scenario);
    // Those that are more than requests at a server are not in that list.
    if (!known) continue;
    it(`compare servers that are measured: ${title}`, () => {
      const servers: readonly string[] = known.servers;
      assert.ok(servers.includes(server));
      assert.ok(peer === undefined || servers.includes(peer));
    });
  }
});
