import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import {
  readResult,
  readResults,
  resultsFolder,
  type ScenarioResult,
  writeResult,
} from "../../bench/results-file.ts";
import {
  type RunFacts,
  ratiosOf,
  scenarioResult,
} from "../../bench/scenario-result.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-results-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const facts: RunFacts = {
  scenario: "hello",
  summary: "one line",
  at: "2026-01-02T03:04:05.678Z",
  commit: "0123abc",
  machine: { cpu: "a", cores: 2, memoryGib: 4, system: "b", node: "v20.0.0" },
  load: "wrk",
  pinning: "server on core 0, load on core 1",
  effort: { rounds: 3, seconds: 2 },
};

function sample(server: string, round: number, cpuMicrosPerRequest: number) {
  return { server, round, cpuMicrosPerRequest };
}

describe("the result of a scenario", () => {
  it("has ratios of each round, and the median of them", () => {
    // The second round is slow for all; medians alone would say 12 / 20.
    const { medians, ratios } = scenarioResult(facts, [
      sample("remuda", 1, 6),
      sample("node-http", 1, 10),
      sample("remuda", 2, 24),
      sample("node-http", 2, 30),
      sample("remuda", 3, 12),
      sample("node-http", 3, 20),
    ]);
    const cpu = { median: 0.6, min: 0.6, max: 0.8 };
    assert.deepEqual(ratios, { "node-http": { cpuMicrosPerRequest: cpu } });
    assert.deepEqual(medians.remuda, {
      cpuMicrosPerRequest: { median: 12, min: 6, max: 24 },
    });
  });

  it("has no ratio where a round of the peer is missing, or 0", () => {
    const samples = [
      sample("remuda", 1, 6),
      sample("remuda", 2, 6),
      sample("node-http", 2, 0),
    ];
    assert.deepEqual(ratiosOf(samples, "remuda", "node-http"), {});
  });

  it("needs samples", () => {
    assert.throws(() => scenarioResult(facts, []), /no samples/);
  });
});

describe("a results file", () => {
  const result = scenarioResult(facts, [
    sample("remuda", 1, 5.123456789),
    sample("node-http", 1, 10),
  ]);

  it("is read as it was written, with five digits at most", () => {
    const file = writeResult(result, folder);
    assert.equal(file, path.join(folder, "hello.json"));
    assert.deepEqual(readResult(file), result);
    assert.deepEqual(readResults(folder), [result]);
    assert.match(readFileSync(file, "utf8"), /5\.1235,?\n/);
  });

  it("is not written where it would not be read", () => {
    const wrong = { ...result, commit: "" } as ScenarioResult;
    assert.throws(() => writeResult(wrong, folder), /hello\.json.*commit/);
  });

  it("says what is wrong in it, and what makes it right", () => {
    const file = path.join(folder, "wrong.json");
    const text = (change: object) => JSON.stringify({ ...result, ...change });
    const cases: [string, RegExp][] = [
      ["{", /wrong\.json is no result: it is no JSON.*-- wrong --save/],
      [text({ samples: [] }), /samples: /],
      [text({ samples: [{ server: "a", round: 1, ms: "2" }] }), /0\.ms: /],
      [text({ more: 1 }), /more/],
      [text({}), /scenario must be "wrong"/],
    ];
    for (const [content, message] of cases) {
      writeFileSync(file, content);
      assert.throws(() => readResult(file), message);
    }
  });

  it("is none of a folder that is not there", () => {
    assert.deepEqual(readResults(path.join(folder, "nothing")), []);
  });
});

describe("the committed results", () => {
  for (const result of readResults(resultsFolder)) {
    it(`of ${result.scenario} sum up their own samples`, () => {
      assert.deepEqual(scenarioResult(result, result.samples), result);
    });
  }
});
