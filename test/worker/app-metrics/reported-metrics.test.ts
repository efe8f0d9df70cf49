import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { parseWorkerMessage } from "../../../src/shared/worker-messages.ts";
import { MetricsRig, type RigWorker } from "./metrics-rig.ts";

function jobsOf({ registry }: RigWorker) {
  return new Counter({
    ...{ name: "jobs_total", help: "Jobs", labelNames: ["queue", "result"] },
    registers: [registry],
  });
}

function depthOf({ registry }: RigWorker, aggregator: "sum" | "omit" = "sum") {
  return new Gauge({
    ...{ name: "depth", help: "Depth", labelNames: ["queue"] as const },
    ...{ aggregator, registers: [registry] },
  });
}

function waitsOf({ registry }: RigWorker, buckets = [1, 2]) {
  return new Histogram({
    ...{ name: "wait_seconds", help: "Waits", buckets },
    registers: [registry],
  });
}

const LONG = "x".repeat(2 ** 20);

describe("counters of the app", () => {
  test("are the sum of all workers, also of those that are gone", async () => {
    const rig = new MetricsRig();
    const [one, other] = [rig.worker(), rig.worker()];
    jobsOf(one).inc({ queue: "mail", result: "ok" }, 2);
    const later = jobsOf(other);
    later.inc({ queue: "mail", result: "ok" }, 3);
    await one.push();
    await other.push();
    const line = (value: number) => [
      `jobs_total{queue="mail",result="ok"} ${value}`,
    ];
    assert.deepEqual(rig.lines(), line(5));
    rig.end(one);
    assert.deepEqual(rig.lines(), line(5));
    later.inc({ queue: "mail", result: "ok" });
    await other.push();
    rig.end(other);
    assert.deepEqual(rig.lines(), line(6));
  });

  test("are one series whatever the order of the labels", async () => {
    const rig = new MetricsRig();
    const [one, other] = [rig.worker(), rig.worker()];
    jobsOf(one).inc({ queue: "a", result: "ok" });
    jobsOf(other).inc({ result: "ok", queue: "a" });
    await one.push();
    await other.push();
    assert.deepEqual(rig.lines(), ['jobs_total{queue="a",result="ok"} 2']);
  });

  test("do not fall when the app sets them back or removes them", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    const jobs = jobsOf(worker);
    jobs.inc({ queue: "a", result: "ok" }, 5);
    await worker.push();
    jobs.reset();
    jobs.inc({ queue: "a", result: "ok" }, 2);
    await worker.push();
    assert.deepEqual(rig.lines(), ['jobs_total{queue="a",result="ok"} 7']);
    jobs.remove({ queue: "a", result: "ok" });
    await worker.push();
    assert.deepEqual(rig.lines(), ['jobs_total{queue="a",result="ok"} 7']);
    jobs.inc({ queue: "a", result: "ok" }, 1);
    await worker.push();
    assert.deepEqual(rig.lines(), ['jobs_total{queue="a",result="ok"} 8']);
  });

  test("keep what a label can have", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    const odd = 'a "quoted" \\ back\nslash {x="y"} ✓';
    jobsOf(worker).inc({ queue: odd, result: "__proto__" });
    await worker.push();
    const [metric] = rig.metrics();
    assert.deepEqual(metric?.labels, { queue: odd, result: "__proto__" });
  });
});

describe("histograms of the app", () => {
  test("add up by bucket, and survive a reset by the app", async () => {
    const rig = new MetricsRig();
    const [one, other] = [rig.worker(), rig.worker()];
    const waits = waitsOf(one);
    waits.observe(0.5);
    waitsOf(other).observe(1.5);
    await one.push();
    await other.push();
    waits.reset();
    waits.observe({}, 3);
    await one.push();
    assert.deepEqual(rig.lines(), [
      'wait_seconds_bucket{le="1"} 1',
      'wait_seconds_bucket{le="2"} 2',
      'wait_seconds_bucket{le="+Inf"} 3',
      "wait_seconds_sum 5",
      "wait_seconds_count 3",
    ]);
  });

  test("have a sum that falls with negative observations", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    const waits = waitsOf(worker);
    waits.observe(1);
    await worker.push();
    waits.observe(-3);
    await worker.push();
    assert.ok(rig.lines().includes("wait_seconds_sum -2"));
    assert.ok(rig.lines().includes("wait_seconds_count 2"));
  });
});

describe("gauges of the app", () => {
  for (const [aggregator, value] of [
    ["sum", 9],
    ["min", 2],
    ["max", 4],
    ["average", 3],
    ["first", 4],
  ] as const) {
    test(`follow their aggregator: ${aggregator}`, async () => {
      const rig = new MetricsRig();
      for (const each of [4, 2, 3]) {
        const worker = rig.worker();
        const { registry } = worker;
        const name = "depth";
        const depth = new Gauge({
          ...{ name, help: "Depth", aggregator, registers: [registry] },
        });
        depth.set(each);
        await worker.push();
      }
      assert.deepEqual(rig.lines(), [`depth ${value}`]);
    });
  }

  test("are left out with the aggregator omit", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    depthOf(worker, "omit").set({ queue: "a" }, 1);
    await worker.push();
    assert.deepEqual(rig.lines(), []);
  });

  test("go with their worker, and when the app removes them", async () => {
    const rig = new MetricsRig();
    const [one, other] = [rig.worker(), rig.worker()];
    const depth = depthOf(one);
    depth.set({ queue: "a" }, 1);
    depth.set({ queue: "b" }, 2);
    depthOf(other).set({ queue: "a" }, 10);
    await one.push();
    await other.push();
    assert.deepEqual(rig.lines(), [
      'depth{queue="a"} 11',
      'depth{queue="b"} 2',
    ]);
    depth.remove({ queue: "b" });
    await one.push();
    rig.end(other);
    assert.deepEqual(rig.lines(), ['depth{queue="a"} 1']);
    // The number of the series that is gone is used again.
    depth.set({ queue: "c" }, 7);
    await one.push();
    assert.deepEqual(rig.lines(), ['depth{queue="a"} 1', 'depth{queue="c"} 7']);
  });

  test("may be no finite numbers", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    const depth = depthOf(worker);
    const values = [Number.NaN, Number.POSITIVE_INFINITY, -Infinity];
    for (const [at, value] of values.entries()) {
      depth.set({ queue: String(at) }, value);
    }
    await worker.push();
    assert.deepEqual(rig.lines(), [
      'depth{queue="0"} NaN',
      'depth{queue="1"} +Inf',
      'depth{queue="2"} -Inf',
    ]);
  });

  test("keep a label of the worker by choice; the newest counts", async () => {
    const rig = new MetricsRig();
    const perWorker = ["depth"];
    for (const [slot, value] of [
      [1, 5],
      [2, 6],
      [1, 7],
    ] as const) {
      const worker = rig.worker({ slot, perWorker });
      depthOf(worker).set({ queue: "a" }, value);
      await worker.push();
    }
    assert.deepEqual(rig.lines(), [
      'depth{queue="a",worker="1"} 7',
      'depth{queue="a",worker="2"} 6',
    ]);
  });
});

test("summaries of the app are exported for each worker", async () => {
  const rig = new MetricsRig();
  for (const value of [1, 2]) {
    const worker = rig.worker();
    const { registry } = worker;
    const sizes = new Summary({
      ...{ name: "sizes", help: "Sizes", percentiles: [0.5] },
      registers: [registry],
    });
    sizes.observe(value);
    await worker.push();
    if (value === 1) rig.end(worker);
  }
  assert.deepEqual(rig.lines(), [
    'sizes{quantile="0.5",worker="2"} 2',
    'sizes_sum{worker="1"} 1',
    'sizes_count{worker="1"} 1',
    'sizes_sum{worker="2"} 2',
    'sizes_count{worker="2"} 1',
  ]);
});

describe("a push", () => {
  test("has only what has changed", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    const jobs = jobsOf(worker);
    for (let at = 0; at < 100; at++) jobs.inc({ queue: `q${at}`, result: "" });
    await worker.push();
    jobs.inc({ queue: "q7", result: "" });
    await worker.push();
    await worker.push();
    const [, second, third] = worker.pushes;
    assert.deepEqual(second?.series, []);
    assert.deepEqual(second?.values, [7, 2]);
    assert.deepEqual(third?.values, []);
  });

  test("leaves out series over the limit, and counts them once", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker({ maxSeries: 3 });
    const jobs = jobsOf(worker);
    for (let at = 0; at < 5; at++) jobs.inc({ queue: `q${at}`, result: "" });
    await worker.push();
    await worker.push();
    assert.equal(rig.lines().length, 3);
    const refused = worker.refusals.map(({ reason, count }) => [reason, count]);
    assert.deepEqual(refused, [["series_limit", 2]]);
  });

  test("over its bytes is late, and misses nothing in the end", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker({ maxPushBytes: 300 });
    const jobs = jobsOf(worker);
    const depth = depthOf(worker);
    for (let at = 0; at < 40; at++) {
      jobs.inc({ queue: `q${at}`, result: "" }, at + 1);
      depth.set({ queue: `q${at}` }, at + 1);
    }
    let pushes = 1;
    while (!(await worker.push())) {
      pushes++;
      assert.ok(pushes < 50);
      for (const { series } of worker.pushes) assert.ok(series.length < 20);
    }
    assert.ok(pushes > 5);
    assert.equal(rig.lines().length, 80);
    const sum = rig.metrics().reduce((total, { value }) => total + value, 0);
    assert.equal(sum, 40 * 41);
    assert.ok(worker.refusals.every(({ reason }) => reason === "push_bytes"));
  });
});

describe("two metrics of one name", () => {
  test("in one worker: the first registry's counts", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    const other = new Registry();
    jobsOf(worker).inc({ queue: "a", result: "ok" });
    const name = "jobs_total";
    new Gauge({ name, help: "Jobs", registers: [other] }).set(7);
    await worker.push(other);
    await worker.push(other);
    assert.deepEqual(rig.lines(), ['jobs_total{queue="a",result="ok"} 1']);
    assert.deepEqual(worker.refusals, [
      {
        reason: "name_taken",
        count: 1,
        fields: {
          ...{ metric: name, place: "registry 1", type: "gauge" },
          takenBy: { place: "registry 0", type: "counter" },
        },
      },
    ]);
  });

  test("one of them Remuda's, also in part: that one stays", async () => {
    const rig = new MetricsRig();
    rig.takenNames.push("wait_seconds_count");
    const worker = rig.worker();
    waitsOf(worker).observe(1);
    await worker.push();
    assert.deepEqual(rig.lines(), []);
    const [collision] = rig.collisions;
    assert.deepEqual(collision, {
      ...{ name: "wait_seconds", kind: "histogram with no labels" },
      ...{ place: "worker 1, generation 1", takenBy: "Remuda" },
    });
  });

  test("one of them made by Prometheus for each scrape", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    const { registry } = worker;
    new Gauge({ name: "up", help: "x", registers: [registry] }).set(1);
    await worker.push();
    assert.deepEqual(rig.lines(), []);
    assert.equal(rig.collisions[0]?.takenBy, "Prometheus");
  });

  test("in two releases: the new one's, once the old one is gone", async () => {
    const rig = new MetricsRig();
    const [old, later] = [rig.worker(), rig.worker()];
    waitsOf(old, [1]).observe(1);
    waitsOf(later, [1, 5]).observe(3);
    await old.push();
    await later.push();
    assert.equal(rig.lines().length, 4);
    assert.ok(rig.lines().includes("wait_seconds_count 1"));
    assert.equal(rig.collisions[0]?.takenBy, "worker 1, generation 1");
    rig.end(old);
    assert.ok(rig.lines().includes("wait_seconds_count 1"));
    assert.ok(rig.lines().includes('wait_seconds_bucket{le="5"} 1'));
    // A return to the release before goes on where that was.
    rig.end(later);
    const again = rig.worker();
    waitsOf(again, [1]).observe(1);
    await again.push();
    assert.ok(rig.lines().includes("wait_seconds_count 2"));
  });
});

test("an app that makes series for ever does not fill the memory", async () => {
  const rig = new MetricsRig();
  let leftOut = 0;
  for (let release = 0; release < 8; release++) {
    const worker = rig.worker({ maxSeries: 10 });
    const jobs = jobsOf(worker);
    for (let at = 0; at < 10; at++) {
      jobs.inc({ queue: `${release}-${at}`, result: "" });
    }
    await worker.push();
    leftOut += rig.end(worker);
  }
  assert.equal(rig.lines().length, 40);
  assert.equal(leftOut, 40);
});

test("exemplars are in OpenMetrics, as the application has them", async () => {
  const rig = new MetricsRig();
  const worker = rig.worker();
  const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const waits = new Histogram({
    ...{ name: "wait_seconds", help: "Waits", buckets: [1] },
    ...{ enableExemplars: true, registers: [registry] },
  });
  waits.observe({ value: 0.5, exemplarLabels: { trace_id: "4bf9" } });
  await worker.push(registry);
  const text = rig.text({ isOpenMetrics: true });
  const exemplar = / 1 # \{trace_id="4bf9"\} 0\.5 [0-9.]+$/m;
  assert.match(text, exemplar);
  assert.ok(!rig.text().includes("trace_id"));
});

describe("a registry", () => {
  const JUNK: readonly [what: string, metric: unknown][] = [
    ["without a name", { type: "counter", values: [{ value: 1 }] }],
    ["with a name that is none", sample({ name: "a b" })],
    ["of an unknown type", sample({ type: "untyped" })],
    ["with a label that is none", sample({ labels: { "a-b": "x" } })],
    ["with a value that is none", sample({ value: "1" })],
    ["with a sample of another name", sample({ metricName: "other" })],
    ["with a suffix of its own", sample({ metricName: 'jobs{x="' })],
    ["with a label of a megabyte", sample({ labels: { a: LONG } })],
    ["with an exemplar that is none", sample({ exemplar: {} })],
    [
      "with an exemplar of a label that is none",
      sample({
        exemplar: { labelSet: { "a b": 1 }, value: 1, timestamp: 1 },
      }),
    ],
  ];

  for (const [what, metric] of JUNK) {
    test(`${what} does not keep others from the master`, async () => {
      const rig = new MetricsRig();
      const worker = rig.worker({ maxPushBytes: 16 * 1024 });
      const odd = { getMetricsAsJSON: () => [metric] as never };
      const good = waitsOf(worker);
      good.observe(1);
      for (let push = 0; push < 3; push++) await worker.push(odd);
      assert.ok(rig.lines().includes("wait_seconds_count 1"));
      assert.ok(rig.lines().every((line) => !line.includes("jobs{x=")));
    });
  }

  test("that could not be read once loses and doubles nothing", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    jobsOf(worker).inc({ queue: "a", result: "ok" }, 5);
    depthOf(worker).set({ queue: "a" }, 3);
    await worker.push();
    await worker.pushNothing();
    const lines = ['jobs_total{queue="a",result="ok"} 5', 'depth{queue="a"} 3'];
    assert.deepEqual(rig.lines().sort(), lines.sort());
    await worker.push();
    assert.deepEqual(rig.lines().sort(), lines);
  });

  test("whose metric comes and goes takes one family", async () => {
    const rig = new MetricsRig();
    const worker = rig.worker();
    const depth = depthOf(worker);
    for (let turn = 0; turn < 5; turn++) {
      depth.set({ queue: "a" }, turn);
      await worker.push();
      depth.remove({ queue: "a" });
      await worker.push();
    }
    const families = worker.pushes.flatMap((push) => push.families);
    assert.equal(families.length, 1);
  });
});

function sample(given: Record<string, unknown>): unknown {
  const { name = "jobs", type = "counter", ...value } = given;
  return {
    name,
    help: "x",
    type,
    values: [{ value: 1, labels: {}, ...value }],
  };
}

describe("the text of a series, on its way to the master", () => {
  const pushOf = (text: string) => ({
    ...{ families: [], removed: [], exemplars: [], values: [] },
    series: [[0, 0, text]],
  });

  for (const text of ["", "_sum", '{a="1"}', '_bucket{a="\\"\\n",le="+Inf"}']) {
    test(`may be ${JSON.stringify(text)}`, () => {
      const push = pushOf(text);
      assert.ok(parseWorkerMessage({ type: "appMetrics", push }));
    });
  }

  for (const text of [
    ...["_total", "{}", '{a="1"', '{a="1"b="2"}', '{a="1",}', '{,a="1"}'],
    ...['{a="1"} 5\nother 1', '{a="\n"}', '{a="\\"}', '{1a="x"}'],
  ]) {
    test(`may not be ${JSON.stringify(text)}`, () => {
      const push = pushOf(text);
      assert.throws(() => parseWorkerMessage({ type: "appMetrics", push }));
    });
  }
});
