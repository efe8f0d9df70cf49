import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyBook } from "../../../bench/special/steady/latency-book.ts";

test("a hundredth of the requests was slower than p99, or as slow", async () => {
  const book = new LatencyBook();
  for (let ms = 1000; ms >= 1; ms--) {
    book.begin();
    book.end(ms);
  }
  const { requests, p50Ms, p99Ms, p999Ms, maxMs } = await book.report();
  assert.equal(requests, 1000);
  assert.deepEqual([p50Ms, p99Ms, p999Ms, maxMs], [500, 990, 999, 1000]);
});

test("what is in flight is waited for before it is told of", async () => {
  const book = new LatencyBook();
  book.begin();
  const report = book.report();
  book.end(7, "reset: no answer");
  assert.deepEqual(await report, {
    requests: 1,
    failures: 1,
    failure: "reset: no answer",
    p50Ms: 7,
    p99Ms: 7,
    p999Ms: 7,
    maxMs: 7,
  });
});

test("no requests have no latency", async () => {
  const { requests, p99Ms, maxMs } = await new LatencyBook().report();
  assert.deepEqual([requests, p99Ms, maxMs], [0, 0, 0]);
});
