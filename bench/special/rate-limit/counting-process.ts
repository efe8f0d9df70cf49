/**
 * Counts in a Redis by the rate limiter's own store, over many connections, as
 * that many workers would of which each has one request at a time.
 *
 *   counting-process.ts URL CONNECTIONS SECONDS
 *
 * Its last line is a `CountingReport` in JSON.
 */
import { setTimeout as delay } from "node:timers/promises";
import { RedisCounter } from "../../../src/worker/middleware/rate-limit/redis-counter.ts";

export interface CountingReport {
  readonly counts: number;
  readonly seconds: number;
}

const CLIENTS = 1_000;
const WARMUP_MS = 1_000;

const [url = "", connections = "", seconds = ""] = process.argv.slice(2);
const counters = await Promise.all(
  Array.from({ length: Number(connections) }, () => RedisCounter.open(url)),
);
let counts = 0;
for (const [index, counter] of counters.entries()) void countOn(counter, index);

await delay(WARMUP_MS);
process.stdout.write("counting\n");
const began = { counts, ms: performance.now() };
await delay(Number(seconds) * 1000);
const report: CountingReport = {
  counts: counts - began.counts,
  seconds: (performance.now() - began.ms) / 1000,
};
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit());

async function countOn(counter: RedisCounter, first: number): Promise<void> {
  for (let client = first; ; client = (client + 1) % CLIENTS) {
    const key = `bench:client-${client}`;
    await counter.count({ key, points: 1, windowMs: 60_000 });
    counts++;
  }
}
