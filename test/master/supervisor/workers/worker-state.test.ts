import assert from "node:assert/strict";
import { it } from "node:test";
import {
  transition,
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
      if (other > at) {
        assert.equal(transition(from, to), to);
      } else {
        const message = `a worker cannot go from ${from} to ${to}`;
        assert.throws(() => transition(from, to), { message });
      }
    }
  }
});
