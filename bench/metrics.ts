import type { Sample } from "./sample.ts";

/** A figure of a sample, and how a table shows it. */
export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly digits: number;
  /** Whether the table shows how far it lies apart, and its ratios. */
  readonly isMain: boolean;
  readonly of: (sample: Sample) => number | undefined;
}

export const METRICS: readonly Metric[] = [
  {
    name: "cpuMicrosPerRequest",
    title: "CPU µs/req",
    digits: 1,
    isMain: true,
    of: (sample) => sample.cpuMicrosPerRequest,
  },
  {
    name: "userMicrosPerRequest",
    title: "user µs/req",
    digits: 1,
    isMain: true,
    of: (sample) => sample.userMicrosPerRequest,
  },
  {
    name: "requestsPerSecond",
    title: "req/s",
    digits: 0,
    isMain: true,
    of: (sample) => sample.requestsPerSecond,
  },
  {
    name: "bytesPerSecond",
    title: "bytes/s",
    digits: 0,
    isMain: true,
    of: (sample) => sample.bytesPerSecond,
  },
  {
    name: "p50Ms",
    title: "p50 ms",
    digits: 2,
    isMain: false,
    of: (sample) => sample.latencyMs?.p50,
  },
  {
    name: "p99Ms",
    title: "p99 ms",
    digits: 2,
    isMain: true,
    of: (sample) => sample.latencyMs?.p99,
  },
  {
    name: "p999Ms",
    title: "p99.9 ms",
    digits: 2,
    isMain: false,
    of: (sample) => sample.latencyMs?.p999,
  },
  {
    name: "cpuPercent",
    title: "CPU %",
    digits: 0,
    isMain: false,
    of: (sample) => sample.cpuPercent,
  },
  {
    name: "residentMib",
    title: "MiB",
    digits: 0,
    isMain: false,
    of: (sample) => sample.residentMib,
  },
];
