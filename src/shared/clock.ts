/** Where the time comes from: monotonic milliseconds, never the wall clock. */
export interface Clock {
  now(): number;
}

/** Taken once: the global one is a getter. */
const { performance } = globalThis;

export const monotonicClock: Clock = { now: () => performance.now() };
