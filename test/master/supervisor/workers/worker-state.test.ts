import assert from "node:assert/strict";
import { it } from "node:test";
import {
  canMove,
  type WorkerState,
} from "../../../../src/master/supervisor/workers/worker-state.ts";

const STATES: readonly WorkerState[] = [
  "starting",
  "ready",
  "draining",
  "gone",
];

it("a worker's state only ever goes forward", () => {
  for (const [at, from] of STATES.entries()) {
    for (const [other, to] of STATES.entries()) {
      assert.equal(canMove(from, to), other > at, `${from} to ${to}`);
    }
  }
});
