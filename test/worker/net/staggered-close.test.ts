import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { Farewell } from "../../../src/worker/net/staggered-close.ts";

/** So many connections, told within so long, by a clock of the test's own. */
function farewellTo(
  context: TestContext,
  { count, withinMs }: { count: number; withinMs: number },
) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const open = new Set(Array.from({ length: count }, (_, index) => index));
  const told: number[] = [];
  const farewell = new Farewell([...open], {
    withinMs,
    isOpen: (connection) => open.has(connection),
    tell: (connection) => told.push(connection),
  });
  const pass = (ms: number) => context.mock.timers.tick(ms);
  return { farewell, open, told, pass };
}

describe("connections of a worker that leaves", () => {
  test("are told so one after the other, the first one at once", (context) => {
    const { told, pass } = farewellTo(context, { count: 3, withinMs: 500 });
    assert.deepEqual(told, [0]);
    pass(8);
    assert.deepEqual(told, [0, 1]);
    pass(1_000);
    assert.deepEqual(told, [0, 1, 2]);
  });

  test("are all told within half a second, however many", (context) => {
    const count = 10_000;
    const { told, pass } = farewellTo(context, { count, withinMs: 60_000 });
    assert.ok(told.length <= 160, `${told.length} at once`);
    pass(500);
    assert.equal(told.length, count);
  });

  test("are told sooner where they may not stay so long", (context) => {
    const { told, pass } = farewellTo(context, { count: 100, withinMs: 20 });
    pass(20);
    assert.equal(told.length, 100);
  });

  test("are told at once where idle ones may not stay at all", (context) => {
    const { told } = farewellTo(context, { count: 100, withinMs: 0 });
    assert.equal(told.length, 100);
  });

  test("are not waited for once they are closed", (context) => {
    const { open, told, pass } = farewellTo(context, {
      count: 60,
      withinMs: 500,
    });
    for (let closed = 1; closed < 59; closed++) open.delete(closed);
    pass(8);
    assert.deepEqual(told, [0, 59]);
  });

  test("are told nothing more once they are cut", (context) => {
    const { farewell, told, pass } = farewellTo(context, {
      count: 3,
      withinMs: 500,
    });
    farewell.stop();
    pass(1_000);
    assert.deepEqual(told, [0]);
  });
});
