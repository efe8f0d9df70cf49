import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryCounter } from "../../../src/shared/rate-limits/memory-counter.ts";

import { FakeClock } from "../../support/fake-clock.ts";

const MINUTE_MS = 60_000;

function points(key: string, points = 1, windowMs = MINUTE_MS) {
  return { key, points, windowMs };
}

describe("a counter in memory", () => {
  it("adds up the points of each key", async () => {
    const clock = new FakeClock();
    const counter = new MemoryCounter(10, clock);
    assert.equal((await counter.count(points("a"))).used, 1);
    assert.equal((await counter.count(points("a", 5))).used, 6);
    assert.equal((await counter.count(points("b"))).used, 1);
  });

  it("counts at once what is asked at once", async () => {
    const clock = new FakeClock();
    const counter = new MemoryCounter(10, clock);
    const asked = Array.from({ length: 100 }, () => counter.count(points("a")));
    const used = (await Promise.all(asked)).map((count) => count.used);
    assert.deepEqual(
      used,
      used.map((_, at) => at + 1),
    );
  });

  it("begins a key's window with its first points", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const clock = new FakeClock();
    const counter = new MemoryCounter(10, clock);
    assert.equal((await counter.count(points("a"))).msLeft, MINUTE_MS);
    clock.advance(20_000);
    t.mock.timers.tick(20_000);
    assert.equal((await counter.count(points("a"))).msLeft, 40_000);
    clock.advance(40_000);
    t.mock.timers.tick(40_000);
    assert.deepEqual(await counter.count(points("a")), {
      used: 1,
      msLeft: MINUTE_MS,
    });
  });

  it("forgets keys whose window is over", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const clock = new FakeClock();
    const counter = new MemoryCounter(10, clock);
    await counter.count(points("short", 1, 5_000));
    await counter.count(points("long"));
    clock.advance(10_000);
    t.mock.timers.tick(10_000);
    assert.equal(counter.size, 1);
    clock.advance(MINUTE_MS);
    t.mock.timers.tick(MINUTE_MS);
    assert.equal(counter.size, 0);
  });

  it("forgets the key that began first where there are too many", async () => {
    const clock = new FakeClock();
    const counter = new MemoryCounter(2, clock);
    for (const key of ["a", "b", "a", "c"]) await counter.count(points(key));
    assert.equal(counter.size, 2);
    assert.equal((await counter.count(points("b"))).used, 2);
    assert.equal((await counter.count(points("c"))).used, 2);
    assert.equal((await counter.count(points("a"))).used, 1);
  });

  it("does not care where the wall clock is set to", async (t) => {
    const counter = new MemoryCounter(10);
    await counter.count(points("a"));
    for (const now of [0, 2 ** 42]) {
      t.mock.method(Date, "now", () => now);
      const { used, msLeft } = await counter.count(points("a", 0));
      assert.equal(used, 1);
      assert.ok(msLeft > 0 && msLeft <= MINUTE_MS, `${msLeft} ms are left`);
    }
  });
});
