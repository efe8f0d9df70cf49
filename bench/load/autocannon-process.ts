/** Runs jobs with autocannon, as messages ask, until its parent leaves. */
import { createHistogram } from "node:perf_hooks";
import autocannon from "autocannon";
import type { LoadJob, LoadResult } from "./load.ts";

/** It looks so often whether its time is over. */
const SAMPLE_MS = 50;

process.on("message", async (job: LoadJob) => {
  process.send?.(await run(job));
});
process.on("disconnect", () => process.exit());

function run(job: LoadJob): Promise<LoadResult> {
  const { request, port } = job;
  // Its own latencies are whole milliseconds; these are microseconds.
  const latencies = createHistogram();
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: `http://127.0.0.1:${port}${request.path}`,
        method: request.method,
        headers: request.headers,
        ...(request.body !== undefined && { body: request.body }),
        ...(request.method !== "HEAD" && { expectBody: job.expectedBody }),
        connections: job.connections,
        pipelining: job.pipelining,
        duration: job.seconds,
        sampleInt: SAMPLE_MS,
        skipAggregateResult: true,
      },
      (error, result) => {
        if (error) {
          reject(error);
          return;
        }
        const at = (percent: number) => latencies.percentile(percent) / 1000;
        resolve({
          requests: Number(latencies.count),
          seconds: (performance.now() - startedAt) / 1000,
          failures: result.errors + result.non2xx + result.mismatches,
          latencyMs: { p50: at(50), p99: at(99), p999: at(99.9) },
        });
      },
    );
    instance.on("response", (_client, _status, _bytes, milliseconds) => {
      latencies.record(Math.max(1, Math.round(milliseconds * 1000)));
    });
  });
}
