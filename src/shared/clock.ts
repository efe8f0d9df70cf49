/** A source of monotonic time in milliseconds, never of wall-clock time. */
export interface Clock {
  now(): number;
}

/** Read once, because the global property is a getter. */
const { performance } = globalThis;

export const monotonicClock: Clock = { now: () => performance.now() };
