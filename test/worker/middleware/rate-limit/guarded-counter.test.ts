import assert from "node:assert/strict";
import { afterEach, describe, it, type TestContext } from "node:test";
import { setProcessLogger } from "../../../../src/shared/logging/logger.ts";
import type { Count } from "../../../../src/shared/rate-limits/counter.ts";
import { GuardedCounter } from "../../../../src/worker/middleware/rate-limit/guarded-counter.ts";
import { deferred } from "../../../support/deferred.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { memoryLogger } from "../../memory-logger.ts";

const ENTRY = { key: "a", points: 1, windowMs: 1_000 };
const COUNT: Count = { used: 1, msLeft: 1_000 };
const TIMEOUT_MS = 100;

afterEach(() => setProcessLogger(memoryLogger().logger));

/** A store that answers as it is told, and what is logged about it. */
function rig(t: TestContext, answer: () => Promise<Count>) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { logger, lines } = memoryLogger();
  setProcessLogger(logger);
  const clock = new FakeClock();
  const store = { answer, asked: 0 };
  const counter = {
    count: () => {
      store.asked++;
      return store.answer();
    },
  };
  const guarded = new GuardedCounter("redis", counter, clock);
  const messages = () => lines.map(({ msg }) => msg);
  const ask = () => guarded.count(ENTRY, TIMEOUT_MS);
  return { clock, store, ask, messages, lines };
}

const fails = () => Promise.reject(new Error("connect ECONNREFUSED"));

describe("a store that may fail", () => {
  it("gives its counts", async (t) => {
    const { ask, messages } = rig(t, async () => COUNT);
    assert.deepEqual(await ask(), COUNT);
    assert.deepEqual(messages(), []);
  });

  it("says once in the log that it is away, and that it is back", async (t) => {
    const { ask, store, clock, messages, lines } = rig(t, fails);
    for (let turn = 0; turn < 5; turn++) assert.equal(await ask(), undefined);
    assert.deepEqual(messages(), ["rate limits cannot be counted"]);
    assert.equal(lines[0]?.store, "redis");
    assert.equal(lines[0]?.error, "connect ECONNREFUSED");
    store.answer = async () => COUNT;
    clock.advance(1_000);
    assert.deepEqual(await ask(), COUNT);
    assert.deepEqual(await ask(), COUNT);
    assert.deepEqual(messages().slice(1), ["rate limits are counted again"]);
    assert.equal(lines[1]?.awayMs, 1_000);
  });

  it("is asked once a second while it is away", async (t) => {
    const { ask, store, clock } = rig(t, fails);
    await ask();
    for (let turn = 0; turn < 10; turn++) await ask();
    assert.equal(store.asked, 1);
    clock.advance(1_000);
    for (let turn = 0; turn < 10; turn++) await ask();
    assert.equal(store.asked, 2);
  });

  it("holds no request for longer than the time-out", async (t) => {
    const { ask, store, lines } = rig(t, () => deferred<Count>().promise);
    const waiting = [ask(), ask()];
    t.mock.timers.tick(TIMEOUT_MS);
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined]);
    assert.equal(await ask(), undefined, "at once");
    assert.equal(store.asked, 2);
    assert.equal(lines[0]?.error, "no answer within 100 ms");
  });

  it("is back with an answer that comes too late", async (t) => {
    const late = deferred<Count>();
    const { ask, store, messages } = rig(t, () => late.promise);
    const waiting = ask();
    t.mock.timers.tick(TIMEOUT_MS);
    assert.equal(await waiting, undefined);
    late.resolve(COUNT);
    await late.promise;
    assert.equal(messages().length, 2);
    store.answer = async () => COUNT;
    assert.deepEqual(await ask(), COUNT);
  });
});
