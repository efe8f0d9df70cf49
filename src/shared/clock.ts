// Not the global one: that is a getter, and it is asked with every request.
import { performance } from "node:perf_hooks";

/** Where the time comes from: monotonic milliseconds, never the wall clock. */
export interface Clock {
  now(): number;
}

export const monotonicClock: Clock = { now: () => performance.now() };
