import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type TransitionTable,
  transition,
} from "../../src/shared/state-machine.ts";

type Light = "green" | "yellow" | "red";

const TABLE: TransitionTable<Light> = {
  green: ["yellow"],
  yellow: ["red"],
  red: [],
};

describe("transition", () => {
  it("gives the next state", () => {
    assert.equal(transition(TABLE, "green", "yellow"), "yellow");
  });

  it("refuses what the table does not have", () => {
    assert.throws(() => transition(TABLE, "green", "red"), {
      message: 'no transition from "green" to "red"',
    });
  });

  it("refuses to stay where the table does not say so", () => {
    assert.throws(() => transition(TABLE, "red", "red"));
  });
});
