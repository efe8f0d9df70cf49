import type { Operation } from "../operations/operation.ts";
import {
  recycleByAge,
  recycleByMemory,
  recycleByRequests,
} from "../operations/recycle.ts";
import { retireWorker } from "../operations/retire-worker.ts";
import { roll } from "../operations/roll.ts";
import { scaleBySignal } from "../operations/scale-by-signal.ts";
import { scaleTo } from "../operations/scale-to.ts";
import { upgradeMaster } from "../operations/upgrade-master.ts";

interface Phase {
  readonly operation: Operation;
  /** Repetitions in the tests. */
  readonly times: number;
}

/** Operations that must not lose a request. */
export const PHASES: readonly Phase[] = [
  { operation: roll, times: 20 },
  { operation: upgradeMaster, times: 5 },
  { operation: scaleBySignal, times: 10 },
  { operation: scaleTo, times: 10 },
  { operation: retireWorker, times: 3 },
  { operation: recycleByRequests, times: 3 },
  { operation: recycleByAge, times: 3 },
  { operation: recycleByMemory, times: 2 },
];
