import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CountEntry } from "../../../../src/shared/rate-limits/counter.ts";
import { InstanceCounter } from "../../../../src/worker/middleware/rate-limit/instance-counter.ts";

const entry = (key: string): CountEntry => {
  return { key, points: 1, windowMs: 1_000 };
};

function instanceCounter() {
  const asked: { id: number; keys: string[] }[] = [];
  const counter = new InstanceCounter((id, entries) => {
    asked.push({ id, keys: entries.map(({ key }) => key) });
    return true;
  });
  return { counter, asked };
}

describe("counts of an instance", () => {
  it("are asked for in one message for each turn", async () => {
    const { counter, asked } = instanceCounter();
    const first = [counter.count(entry("a")), counter.count(entry("b"))];
    await nextTurn();
    const second = counter.count(entry("c"));
    await nextTurn();
    assert.deepEqual(asked, [
      { id: 1, keys: ["a", "b"] },
      { id: 2, keys: ["c"] },
    ]);
    // Answers may come in any order.
    counter.onCounted(2, [{ used: 7, msLeft: 10 }]);
    counter.onCounted(1, [
      { used: 1, msLeft: 30 },
      { used: 2, msLeft: 20 },
    ]);
    assert.deepEqual(await Promise.all([...first, second]), [
      { used: 1, msLeft: 30 },
      { used: 2, msLeft: 20 },
      { used: 7, msLeft: 10 },
    ]);
  });

  it("fail at once without a master", async () => {
    const counter = new InstanceCounter(() => false);
    await assert.rejects(counter.count(entry("a")), /the master is gone/);
  });

  it("fail where the answer is too short, or to nothing asked", async () => {
    const { counter } = instanceCounter();
    const count = counter.count(entry("a"));
    await nextTurn();
    counter.onCounted(9, [{ used: 1, msLeft: 1 }]);
    counter.onCounted(1, []);
    await assert.rejects(count, /did not count/);
  });

  it("are not remembered for ever while the master is silent", async () => {
    const { counter } = instanceCounter();
    const first = counter.count(entry("a"));
    const failed = assert.rejects(first, /does not answer/);
    const others: Promise<unknown>[] = [];
    for (let turn = 0; turn < 1_000; turn++) {
      await nextTurn();
      others.push(counter.count(entry("b")));
    }
    await failed;
    assert.equal(others.length, 1_000);
  });

  it("let the master make ready before the first request", () => {
    const { counter, asked } = instanceCounter();
    counter.prepare();
    assert.deepEqual(asked, [{ id: 1, keys: [] }]);
    counter.onCounted(1, []);
  });
});
