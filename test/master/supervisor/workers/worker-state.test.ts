import assert from "node:assert/strict";
import { it } from "node:test";
import {
  WORKER_TRANSITIONS,
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
      assert.equal(WORKER_TRANSITIONS[from].includes(to), other > at);
    }
  }
});
