import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMetrics, sumOf } from "./prometheus.ts";

test("reads names, labels, escapes, values and time stamps", () => {
  const text = [
    "# HELP a Help { with } braces",
    "# TYPE a counter",
    "a 1",
    'a{x="1",y="} 2 {"} 2.5e3',
    String.raw`a{x="q\"b\\n\n"} 3 1700000000000`,
    'a_bucket{le="+Inf"} +Inf',
    "b NaN",
    "",
  ].join("\n");
  assert.deepEqual(parseMetrics(text), [
    { name: "a", labels: {}, value: 1 },
    { name: "a", labels: { x: "1", y: "} 2 {" }, value: 2500 },
    { name: "a", labels: { x: 'q"b\\n\n' }, value: 3 },
    { name: "a_bucket", labels: { le: "+Inf" }, value: Infinity },
    { name: "b", labels: {}, value: NaN },
  ]);
});

test("adds up the samples that have the labels", () => {
  const metrics = parseMetrics('a{x="1",y="1"} 1\na{x="1"} 2\nb{x="1"} 4\na 8');
  assert.equal(sumOf(metrics, "a"), 11);
  assert.equal(sumOf(metrics, "a", { x: "1" }), 3);
  assert.equal(sumOf(metrics, "a", { x: "2" }), 0);
});

test("refuses what is no sample", () => {
  for (const line of ["a", "a{x=1} 2", 'a{x="1} 2', "a x", "1a 2"]) {
    assert.throws(() => parseMetrics(line), /not a Prometheus sample/, line);
  }
});
