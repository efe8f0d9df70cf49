/** Runs jobs with autocannon, as messages ask, until its parent leaves. */
import { createHistogram } from "node:perf_hooks";
import autocannon from "autocannon";
import type { Exchange } from "../scenarios/scenario.ts";
import type { LoadJob, LoadResult } from "./load.ts";

/** It looks so often whether its time is over. */
const SAMPLE_MS = 50;

process.on("message", async (job: LoadJob) => {
  process.send?.(await run(job));
});
process.on("disconnect", () => process.exit());

function run(job: LoadJob): Promise<LoadResult> {
  // Its own latencies are whole milliseconds; these are microseconds.
  const latencies = createHistogram();
  const startedAt = performance.now();
  let wrongAnswers = 0;
  const requests = job.exchanges.map((exchange) =>
    toRequest(exchange, () => {
      wrongAnswers++;
    }),
  );
  let connections = 0;
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: `http://127.0.0.1:${job.port}`,
        requests,
        connections: job.connections,
        pipelining: job.pipelining,
        duration: job.seconds,
        sampleInt: SAMPLE_MS,
        skipAggregateResult: true,
        // Each at its own place of the list: all of them asking the same at
        // the same time is not what clients do. In a pipeline it cannot.
        setupClient: (client) => {
          if (job.pipelining > 1) return;
          const start = Math.floor(
            (connections++ % job.connections) *
              (requests.length / job.connections),
          );
          client.setRequests([
            ...requests.slice(start),
            ...requests.slice(0, start),
          ]);
        },
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
          failures: result.errors + wrongAnswers,
          latencyMs: { p50: at(50), p99: at(99), p999: at(99.9) },
        });
      },
    );
    instance.on("response", (_client, _status, _bytes, milliseconds) => {
      latencies.record(Math.max(1, Math.round(milliseconds * 1000)));
    });
  });
}

function toRequest(
  { request, answer }: Exchange,
  onWrong: () => void,
): autocannon.Request {
  const { method, path, headers, body } = request;
  const expectedBody = method === "HEAD" ? "" : answer.body;
  return {
    method,
    path,
    headers,
    ...(body !== undefined && { body }),
    onResponse: (status, got) => {
      if (status !== answer.status || got !== expectedBody) onWrong();
    },
  };
}
