import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { movedTo, Phase } from "../../../src/worker/http1/connection-phase.ts";

const PHASES = Object.values(Phase);

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
    assert.deepEqual(after(Phase.Closed), []);
    for (const phase of PHASES.filter((one) => one !== Phase.Closed)) {
      assert.ok(after(phase).includes(Phase.Closed), String(phase));
    }
  });

  test("an answer follows its request only", () => {
    assert.deepEqual(after(Phase.Idle), [
      Phase.Head,
      Phase.Handling,
      Phase.Closed,
    ]);
    assert.deepEqual(after(Phase.Head), [Phase.Handling, Phase.Closed]);
    const streamed = PHASES.filter((phase) =>
      after(phase).includes(Phase.Streaming),
    );
    assert.deepEqual(streamed, [Phase.Handling]);
  });

  test("an upgraded connection never speaks HTTP again", () => {
    assert.deepEqual(after(Phase.Upgraded), [Phase.Closed]);
  });

  test("what may not follow is an error of ours", () => {
    assert.throws(() => movedTo(Phase.Streaming, Phase.Idle), {
      message: "a connection cannot go from Idle to Streaming",
    });
  });
});
