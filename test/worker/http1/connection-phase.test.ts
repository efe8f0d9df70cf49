import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  movedTo,
  type Phase,
} from "../../../src/worker/http1/connection-phase.ts";

const PHASES: readonly Phase[] = [
  "idle",
  "head",
  "handling",
  "streaming",
  "draining",
  "upgraded",
  "closed",
];

/** Those that may follow. */
function after(phase: Phase): Phase[] {
  return PHASES.filter((next) => {
    try {
      return movedTo(next, phase) === next;
    } catch {
      return false;
    }
  });
}

describe("the phases of a connection", () => {
  test("end with closed, and nothing follows it", () => {
    assert.deepEqual(after("closed"), []);
    for (const phase of PHASES.filter((one) => one !== "closed")) {
      assert.ok(after(phase).includes("closed"), phase);
    }
  });

  test("an answer follows its request only", () => {
    assert.deepEqual(after("idle"), ["head", "handling", "closed"]);
    assert.deepEqual(after("head"), ["handling", "closed"]);
    const streamed = PHASES.filter((phase) =>
      after(phase).includes("streaming"),
    );
    assert.deepEqual(streamed, ["handling"]);
  });

  test("an upgraded connection never speaks HTTP again", () => {
    assert.deepEqual(after("upgraded"), ["closed"]);
  });

  test("what may not follow is an error of ours", () => {
    assert.throws(() => movedTo("streaming", "idle"), {
      message: "a connection cannot go from idle to streaming",
    });
  });
});
