import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { monotonicClock } from "../../../src/shared/clock.ts";
import {
  HealthChecks,
  type HealthProbe,
} from "../../../src/worker/app/health-checks.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { thrownKinds, thrownOf } from "../../support/thrown-of.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** Checks of one probe, on timers and a clock that the test turns. */
function checking(t: TestContext, probe: HealthProbe) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const clock = new FakeClock();
  const checks = new HealthChecks();
  checks.add("db", probe, { intervalMs: 1_000, timeoutMs: 200 });
  checks.start(clock);
  const pass = async (ms: number) => {
    clock.advance(ms);
    t.mock.timers.tick(ms);
    await nextTurn();
  };
  return { checks, clock, pass, reports: () => checks.reports(clock.now()) };
}

describe("a health check", () => {
  it("looks at once, and again after its interval", async (t) => {
    let count = 0;
    const { pass, reports } = checking(t, () => void count++);
    await pass(0);
    assert.deepEqual(reports(), [
      { name: "db", ageSeconds: 0, failure: undefined },
    ]);
    await pass(999);
    assert.equal(count, 1);
    assert.equal(reports()[0]?.ageSeconds, 0.999);
    await pass(1);
    assert.equal(count, 2);
    assert.equal(reports()[0]?.ageSeconds, 0);
  });

  it("tells what the probe throws, until it passes again", async (t) => {
    let failure: string | undefined = "away";
    const { pass, reports } = checking(t, async () => {
      if (failure !== undefined) throw new Error(failure);
    });
    await pass(0);
    assert.equal(reports()[0]?.failure, "away");
    failure = undefined;
    await pass(1_000);
    assert.equal(reports()[0]?.failure, undefined);
  });

  it("fails where the probe takes too long, and aborts it", async (t) => {
    let signal: AbortSignal | undefined;
    const { pass, reports } = checking(t, (given) => {
      signal = given;
      return new Promise(() => {});
    });
    await pass(0);
    assert.deepEqual(reports(), []);
    await pass(200);
    assert.equal(reports()[0]?.failure, "no answer within 200 ms");
    assert.equal(signal?.aborted, true);
  });

  it("looks no more once it is stopped", async (t) => {
    let count = 0;
    const { checks, pass } = checking(t, () => void count++);
    await pass(0);
    checks.stop();
    await pass(5_000);
    assert.equal(count, 1);
  });

  for (const [args, message] of [
    [["", () => {}], "a health check has a name"],
    [["a", "x"], 'the health check "a" is not a function'],
    [
      ["a", () => {}, { intervalMs: 0 }],
      'intervalMs of the health check "a" must be a whole number of ' +
        "milliseconds, 1 to 2147483647",
    ],
    [["db", () => {}], 'there is a health check "db" already'],
  ] as const) {
    it(`is refused: ${message}`, () => {
      const checks = new HealthChecks();
      checks.add("db", () => {});
      const [name, probe, options] = args;
      const add = () => checks.add(name, probe as never, options);
      assert.throws(add, { name: "TypeError", message });
    });
  }
});

describe("what a health check throws", () => {
  for (const kind of thrownKinds) {
    it(`is a failure of bounded length: ${kind}`, async (t) => {
      const checks = new HealthChecks();
      checks.add("a", async () => {
        throw thrownOf(kind, "x".repeat(100_000));
      });
      t.after(() => checks.stop());
      checks.start(monotonicClock);
      const failure = () => checks.reports(monotonicClock.now())[0]?.failure;
      await waitUntil(() => failure() !== undefined, { what: "a failure" });
      assert.ok((failure() ?? "").length < 1_100);
    });
  }
});
