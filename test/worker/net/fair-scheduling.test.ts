import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TURN_MS, Turns } from "../../../src/worker/net/fair-scheduling.ts";
import { FakeClock } from "../../support/fake-clock.ts";

let clock: FakeClock;
let turns: Turns;

beforeEach(() => {
  clock = new FakeClock();
  turns = new Turns(clock);
});

describe("a turn of the event loop", () => {
  test("has time until it has lasted a millisecond", () => {
    assert.equal(turns.hasTime(clock.now()), true);
    clock.advance(TURN_MS / 2);
    assert.equal(turns.hasTime(clock.now()), true);
    clock.advance(TURN_MS);
    assert.equal(turns.hasTime(clock.now()), false);
  });

  test("counts from when somebody first asks", () => {
    clock.advance(100);
    assert.equal(turns.isCounting, false);
    assert.equal(turns.hasTime(clock.now()), true);
    assert.equal(turns.isCounting, true);
  });

  test("is followed by one that has time again", async () => {
    turns.hasTime(clock.now());
    clock.advance(TURN_MS);
    assert.equal(turns.hasTime(clock.now()), false);
    const { number } = turns;
    await nextTurn();
    assert.equal(turns.isCounting, false);
    assert.equal(turns.number, number + 1);
    assert.equal(turns.hasTime(clock.now()), true);
  });
});

describe("those who wait", () => {
  test("go on in a later turn, in their order", async () => {
    const order: string[] = [];
    for (const name of ["a", "b", "c"]) {
      turns.wait({ onTurn: () => order.push(name) });
    }
    assert.deepEqual(order, []);
    await nextTurn();
    assert.deepEqual(order, ["a", "b", "c"]);
  });

  test("share the time of a turn, all of them together", async () => {
    const order: string[] = [];
    for (const name of ["a", "b", "c"]) {
      turns.wait({
        onTurn: () => {
          order.push(name);
          clock.advance(TURN_MS * 0.6);
        },
      });
    }
    await nextTurn();
    assert.deepEqual(order, ["a", "b"]);
    await nextTurn();
    assert.deepEqual(order, ["a", "b", "c"]);
  });

  test("go behind the others where they wait again", async () => {
    const order: string[] = [];
    const greedy = {
      onTurn: () => {
        order.push("greedy");
        if (order.length < 5) turns.wait(greedy);
      },
    };
    turns.wait(greedy);
    turns.wait({ onTurn: () => order.push("modest") });
    await nextTurn();
    assert.deepEqual(order, ["greedy", "modest"]);
    await nextTurn();
    assert.deepEqual(order, ["greedy", "modest", "greedy"]);
  });
});
