import assert from "node:assert/strict";
import { test } from "node:test";
import { CounterWatch } from "./counter-watch.ts";
import { waitUntil } from "./wait-until.ts";

async function faultsOf(...scrapes: readonly string[]): Promise<string[]> {
  const left = [...scrapes];
  const watch = new CounterWatch({
    scrape: async () => {
      const text = left.shift();
      if (text === undefined) throw new Error("nobody there");
      return text;
    },
    pauseMs: 1,
  });
  await waitUntil(() => left.length === 0, { what: "all to be scraped" });
  await watch.stop();
  return watch.faults
    .map(({ what }) => what)
    .filter((what) => !what.includes("nobody there"));
}

test("a counter that falls is a fault, also after it was away", async () => {
  assert.deepEqual(await faultsOf('a_total{x="1"} 5\n', 'a_total{x="1"} 4\n'), [
    'a_total[["x","1"]]: 5, then 4',
  ]);
  assert.deepEqual(
    await faultsOf("a_count 5\n", "b_total 1\n", "a_count 2\n"),
    ["a_count[]: 5, then 2"],
  );
});

test("one that stays or rises is none, and neither is a gauge", async () => {
  const first = 'a_total{x="1"} 5\na_total{x="2"} 9\ng 7\n';
  const second = 'a_total{x="1"} 5\na_total{x="2"} 10\ng 1\n';
  assert.deepEqual(await faultsOf(first, second), []);
});

test("a scrape without an answer is a fault", async () => {
  const watch = new CounterWatch({
    scrape: () => Promise.reject(new Error("nobody there")),
    pauseMs: 1,
  });
  await waitUntil(() => watch.faults.length > 0, { what: "a fault" });
  await watch.stop();
  assert.match(watch.faults[0]?.what ?? "", /nobody there/);
});
