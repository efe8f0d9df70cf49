import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { StaggeredClose } from "../../../src/worker/net/staggered-close.ts";

/** Closes `count` connections within the given time of a mocked clock. */
function closing(
  context: TestContext,
  { count, withinMs }: { count: number; withinMs: number },
) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const open = new Set(Array.from({ length: count }, (_, index) => index));
  const closed: number[] = [];
  const staggered = new StaggeredClose([...open], {
    withinMs,
    isOpen: (connection) => open.has(connection),
    close: (connection) => closed.push(connection),
  });
  const pass = (ms: number) => context.mock.timers.tick(ms);
  return { staggered, open, closed, pass };
}

describe("connections of a draining worker", () => {
  test("are closed one after the other, the first one at once", (context) => {
    const { closed, pass } = closing(context, { count: 3, withinMs: 500 });
    assert.deepEqual(closed, [0]);
    pass(8);
    assert.deepEqual(closed, [0, 1]);
    pass(1_000);
    assert.deepEqual(closed, [0, 1, 2]);
  });

  test("are all closed within half a second, however many", (context) => {
    const count = 10_000;
    const { closed, pass } = closing(context, { count, withinMs: 60_000 });
    assert.ok(closed.length <= 160, `${closed.length} at once`);
    pass(500);
    assert.equal(closed.length, count);
  });

  test("are closed sooner where the linger time is short", (context) => {
    const { closed, pass } = closing(context, { count: 100, withinMs: 20 });
    pass(20);
    assert.equal(closed.length, 100);
  });

  test("are closed at once without a linger time", (context) => {
    const { closed } = closing(context, { count: 100, withinMs: 0 });
    assert.equal(closed.length, 100);
  });

  test("are skipped once they are gone", (context) => {
    const { open, closed, pass } = closing(context, {
      count: 60,
      withinMs: 500,
    });
    for (let gone = 1; gone < 59; gone++) open.delete(gone);
    pass(8);
    assert.deepEqual(closed, [0, 59]);
  });

  test("are not closed after a stop", (context) => {
    const { staggered, closed, pass } = closing(context, {
      count: 3,
      withinMs: 500,
    });
    staggered.stop();
    pass(1_000);
    assert.deepEqual(closed, [0]);
  });
});
