import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../bench/sample.ts";
import type { ServerName } from "../../bench/server-catalog.ts";
import { summarize } from "../../bench/summary.ts";
import { table } from "../../bench/table.ts";

function sample(server: ServerName, round: number, cpu?: number): Sample {
  return {
    server,
    round,
    requests: 100,
    seconds: 1,
    failures: 0,
    requestsPerSecond: 100,
    latencyMs: { p50: 1, p99: 2, p999: 3 },
    ...(cpu !== undefined && { cpuMicrosPerRequest: cpu }),
  };
}

test("ratios are taken in each round, then the median of them", () => {
  // The second round is slow for all; medians alone would say 12 / 20.
  const samples = [
    sample("remuda", 1, 6),
    sample("node-http", 1, 10),
    sample("remuda", 2, 24),
    sample("node-http", 2, 30),
    sample("remuda", 3, 12),
    sample("node-http", 3, 20),
  ];
  const { subject, ratios } = summarize(samples);
  assert.equal(subject, "remuda");
  assert.equal(ratios.length, 1);
  assert.equal(ratios[0]?.peer, "node-http");
  assert.deepEqual(ratios[0]?.figures.cpuMicrosPerRequest, {
    median: 0.6,
    min: 0.6,
    max: 0.8,
  });
});

test("what nobody could measure is not among the figures", () => {
  const { servers } = summarize([sample("remuda", 1)]);
  assert.equal(servers[0]?.figures.cpuMicrosPerRequest, undefined);
  assert.equal(servers[0]?.figures.requestsPerSecond?.median, 100);
});

test("a table's numbers stand under each other", () => {
  const rows = [
    ["server", "CPU"],
    ["a", "9.5"],
    ["remuda", "10.5"],
  ];
  assert.equal(
    table(rows),
    [
      "| server |  CPU |",
      "| ------ | ---: |",
      "| a      |  9.5 |",
      "| remuda | 10.5 |",
    ].join("\n"),
  );
});
