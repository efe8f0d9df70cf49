/** What one call costs: of the package's metrics, and of prom-client's. */
import * as prom from "prom-client";
import { counter } from "../../src/worker/app-metrics/own/app-counter.ts";
import { gauge } from "../../src/worker/app-metrics/own/app-gauge.ts";
import { histogram } from "../../src/worker/app-metrics/own/app-histogram.ts";

export interface MetricCall {
  readonly name: string;
  readonly own: (turn: number) => void;
  readonly peer: (turn: number) => void;
}

const help = "x";
const labelNames = ["queue", "result"] as const;
const QUEUES = ["mail", "video", "audio", "text"];

export function metricCalls(): readonly MetricCall[] {
  const queueAt = (turn: number) => QUEUES[turn & 3] as string;
  const labelsAt = (turn: number) => ({ queue: queueAt(turn), result: "ok" });
  const ownCounter = counter({ name: "own_total", help });
  const peerCounter = new prom.Counter({ name: "peer_total", help });
  const ownJobs = counter({ name: "own_jobs_total", help, labelNames });
  const peerJobs = new prom.Counter({
    ...{ name: "peer_jobs_total", help, labelNames },
  });
  const ownDepth = gauge({ name: "own_depth", help, labelNames });
  const peerDepth = new prom.Gauge({ name: "peer_depth", help, labelNames });
  const ownWaits = histogram({ name: "own_waits", help });
  const buckets = [...BUCKETS];
  const peerWaits = new prom.Histogram({ name: "peer_waits", help, buckets });
  const ownTimes = histogram({ name: "own_times", help, labelNames });
  const peerTimes = new prom.Histogram({
    ...{ name: "peer_times", help, labelNames, buckets },
  });
  return [
    {
      name: "counter",
      own: () => ownCounter.inc(),
      peer: () => peerCounter.inc(),
    },
    {
      name: "counter, two labels",
      own: (turn) => ownJobs.inc(labelsAt(turn)),
      peer: (turn) => peerJobs.inc(labelsAt(turn)),
    },
    {
      name: "gauge, two labels",
      own: (turn) => ownDepth.set(labelsAt(turn), turn),
      peer: (turn) => peerDepth.set(labelsAt(turn), turn),
    },
    {
      name: "histogram",
      own: (turn) => ownWaits.observe((turn & 15) / 10),
      peer: (turn) => peerWaits.observe((turn & 15) / 10),
    },
    {
      name: "histogram, two labels",
      own: (turn) => ownTimes.observe(labelsAt(turn), (turn & 15) / 10),
      peer: (turn) => peerTimes.observe(labelsAt(turn), (turn & 15) / 10),
    },
  ];
}

/** Those of `histogram()` by default. */
const BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75,
  1, 2.5, 5, 7.5, 10,
];
