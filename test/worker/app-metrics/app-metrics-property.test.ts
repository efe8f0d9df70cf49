import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Counter, Histogram } from "prom-client";
import { MetricsRig, type RigWorker } from "./metrics-rig.ts";

type Step =
  | { type: "fork" | "end" | "push" | "reset"; at: number }
  | { type: "count"; at: number; queue: number };

const at = fc.nat({ max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  ...(["fork", "end", "push", "push", "reset"] as const).map((type) => {
    return fc.record({ type: fc.constant(type), at });
  }),
  ...[1, 2, 3].map(() => {
    const type = fc.constant("count" as const);
    return fc.record({ type, at, queue: fc.nat({ max: 3 }) });
  }),
);

interface App {
  readonly worker: RigWorker;
  readonly jobs: Counter;
  readonly waits: Histogram;
  /** Counts by queue that no push has carried yet. */
  unpushed: number[];
}

describe("metrics of apps that come, go and count", () => {
  test("never fall, and are all that was pushed", async () => {
    const steps = fc.array(step, { maxLength: 60 });
    await fc.assert(fc.asyncProperty(steps, check), { numRuns: 200 });
  });
});

async function check(steps: readonly Step[]): Promise<void> {
  const rig = new MetricsRig();
  const apps: App[] = [];
  const pushed = [0, 0, 0, 0];
  const highest = new Map<string, number>();
  for (const each of steps) {
    const app = apps[each.at % Math.max(1, apps.length)];
    if (each.type === "fork") apps.push(newApp(rig));
    else if (!app) continue;
    else if (each.type === "count") count(app, each.queue);
    else if (each.type === "reset") {
      // A reset between two pushes hides what was counted before it.
      await push(app, pushed);
      app.jobs.reset();
      app.waits.reset();
      await push(app, pushed);
    } else {
      await push(app, pushed);
      if (each.type === "end") {
        rig.end(app.worker);
        apps.splice(apps.indexOf(app), 1);
      }
    }
    const metrics = rig.metrics();
    for (const { name, labels, value } of metrics) {
      const series = name + JSON.stringify(labels);
      assert.ok(value >= (highest.get(series) ?? 0), `${series} fell`);
      highest.set(series, value);
    }
    for (const [queue, expected] of pushed.entries()) {
      const of = metrics.filter(({ labels }) => labels.queue === `q${queue}`);
      const valueWith = (name: string, le?: string) => {
        const found = of.find((metric) => {
          return metric.name === name && metric.labels.le === le;
        });
        return found?.value ?? 0;
      };
      assert.equal(valueWith("jobs_total"), expected);
      assert.equal(valueWith("waits_count"), expected);
      assert.equal(valueWith("waits_bucket", "+Inf"), expected);
      assert.equal(valueWith("waits_sum"), expected * queue);
    }
  }
}

function newApp(rig: MetricsRig): App {
  const worker = rig.worker();
  const options = { help: "x", labelNames: ["queue"] };
  const registers = [worker.registry];
  const jobs = new Counter({ name: "jobs_total", ...options, registers });
  const buckets = [1, 2];
  const waits = new Histogram({
    ...{ name: "waits", ...options, registers, buckets },
  });
  return { worker, jobs, waits, unpushed: [0, 0, 0, 0] };
}

function count({ jobs, waits, unpushed }: App, queue: number): void {
  jobs.inc({ queue: `q${queue}` });
  waits.observe({ queue: `q${queue}` }, queue);
  unpushed[queue] = (unpushed[queue] ?? 0) + 1;
}

async function push(app: App, pushed: number[]): Promise<void> {
  await app.worker.push();
  for (const [queue, counted] of app.unpushed.entries()) {
    pushed[queue] = (pushed[queue] ?? 0) + counted;
  }
  app.unpushed = [0, 0, 0, 0];
}
