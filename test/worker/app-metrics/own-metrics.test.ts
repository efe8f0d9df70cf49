import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { counter, gauge, histogram, metrics } from "../../../src/index.ts";
import { registeredRegistries } from "../../../src/worker/app-metrics/found-registries.ts";
import { MetricsRig } from "./metrics-rig.ts";

/** All that the app's registries have, as the master shows it. */
async function lines(): Promise<string[]> {
  const rig = new MetricsRig();
  await rig.worker().push(...registeredRegistries());
  return rig.lines();
}

async function linesOf(name: string): Promise<string[]> {
  return (await lines()).filter((line) => line.startsWith(name));
}

describe("a counter", () => {
  test("counts with and without labels", async () => {
    const jobs = counter({
      ...{ name: "own_jobs_total", help: "Jobs" },
      labelNames: ["queue", "result"],
    });
    jobs.inc({ queue: "mail", result: "ok" });
    jobs.inc({ result: "ok", queue: "mail" }, 2.5);
    jobs.labels({ queue: "mail", result: "failed" }).inc();
    const starts = counter({ name: "own_starts_total", help: "Starts" });
    starts.inc();
    starts.inc(2);
    assert.deepEqual(await linesOf("own_jobs_total"), [
      'own_jobs_total{queue="mail",result="ok"} 3.5',
      'own_jobs_total{queue="mail",result="failed"} 1',
    ]);
    assert.deepEqual(await linesOf("own_starts"), ["own_starts_total 3"]);
  });

  test("shows a number as a label as its text", async () => {
    const name = "own_numbers_total";
    const numbers = counter({ name, help: "x", labelNames: ["code"] });
    numbers.inc({ code: 200 });
    numbers.inc({ code: "200" });
    assert.deepEqual(await linesOf(name), [`${name}{code="200"} 2`]);
  });

  test("refuses what is no amount", () => {
    const odd = counter({ name: "own_odd_total", help: "x" });
    for (const amount of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => odd.inc(amount), {
        name: "RangeError",
        message: `a counter cannot count ${amount}`,
      });
    }
  });

  test("names a label that is missing, and one that it has not", () => {
    const name = "own_labels_total";
    const strict = counter({ name, help: "x", labelNames: ["a", "b"] });
    // @ts-expect-error: "b" is missing
    assert.throws(() => strict.inc({ a: 1 }), {
      message: `metric ${name} needs "b"; it has: a, b`,
    });
    // @ts-expect-error: there is no "c"
    assert.throws(() => strict.inc({ a: 1, b: 1, c: 1 }), {
      message: `metric ${name} has no label "c"; it has: a, b`,
    });
    // @ts-expect-error: without labels
    assert.throws(() => strict.inc(), { message: /needs "a"/ });
  });

  test("keeps labels of objects' own names apart", async () => {
    const name = "own_proto_total";
    const proto = counter({ name, help: "x", labelNames: ["__proto__"] });
    const labels = JSON.parse('{"__proto__":"x"}');
    proto.inc(labels);
    assert.deepEqual(await linesOf(name), [`${name}{__proto__="x"} 1`]);
  });
});

test("a gauge is set, rises and falls", async () => {
  const depth = gauge({ name: "own_depth", help: "x", labelNames: ["queue"] });
  depth.set({ queue: "a" }, 5);
  depth.inc({ queue: "a" });
  depth.dec({ queue: "a" }, 2);
  const load = gauge({ name: "own_load", help: "x", aggregator: "max" });
  load.set(0.5);
  load.dec();
  assert.deepEqual(await linesOf("own_depth"), ['own_depth{queue="a"} 4']);
  assert.deepEqual(await linesOf("own_load"), ["own_load -0.5"]);
});

describe("a histogram", () => {
  test("counts by bucket; a bound is in its bucket", async () => {
    const name = "own_wait_seconds";
    const waits = histogram({ name, help: "x", buckets: [1, 2] });
    for (const value of [0.5, 1, 1.5, 3]) waits.observe(value);
    assert.deepEqual(await linesOf(name), [
      `${name}_bucket{le="1"} 2`,
      `${name}_bucket{le="2"} 3`,
      `${name}_bucket{le="+Inf"} 4`,
      `${name}_sum 6`,
      `${name}_count 4`,
    ]);
  });

  for (const buckets of [[], [2, 1], [1, 1], [Number.NaN]]) {
    test(`refuses the buckets ${JSON.stringify(buckets)}`, () => {
      const options = { name: "own_wrong", help: "x", buckets };
      assert.throws(() => histogram(options), {
        message: /buckets are finite/,
      });
    });
  }
});

describe("the options of a metric", () => {
  for (const [options, message] of [
    [{ name: "1a", help: "x" }, /the name of a metric is .*: 1a/],
    [{ name: "", help: "x" }, /the name of a metric/],
    [{ name: "own_x", help: "" }, /metric own_x: help/],
    [{ name: "own_x", help: "x", labelNames: ["a-b"] }, /"a-b" cannot name/],
    [{ name: "own_x", help: "x", labelNames: ["worker"] }, /is reserved/],
  ] as const) {
    test(`are checked: ${JSON.stringify(options)}`, () => {
      assert.throws(() => counter(options), message);
    });
  }

  test("have a name of their own", () => {
    const options = { name: "own_twice_total", help: "x" };
    counter(options);
    assert.throws(() => gauge(options), /there is a metric own_twice_total/);
  });
});

test("metrics.register() takes registries only", () => {
  const wrong = { getMetrics() {} };
  // @ts-expect-error: no registry
  assert.throws(() => metrics.register(wrong), /a Registry of prom-client/);
});
