import type { ResultSample } from "./results-file.ts";
import type { Sample } from "./sample.ts";

/** A round of requests as results have it: figures that are known, flat. */
export function resultSample(sample: Sample): ResultSample {
  // Counted for the figures that are kept.
  const { latencyMs, requests, seconds, failures, ...rest } = sample;
  const { p50, p99, p999 } = latencyMs ?? {};
  const all = { ...rest, p50Ms: p50, p99Ms: p99, p999Ms: p999 };
  const known = Object.entries(all).filter(([, figure]) => {
    return figure !== undefined;
  });
  const { server, round } = sample;
  return { server, round, ...Object.fromEntries(known) };
}
