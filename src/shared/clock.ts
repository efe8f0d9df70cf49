/** Where the time comes from: monotonic milliseconds, never the wall clock. */
export interface Clock {
  now(): number;
}

export const monotonicClock: Clock = { now: () => performance.now() };
