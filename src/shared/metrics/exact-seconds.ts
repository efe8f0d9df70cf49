const STEPS_PER_SECOND = 2 ** 20;

/**
 * Rounds to about a microsecond, and so that sums (up to 2 ** 33 s) are exact
 * whatever the order. Otherwise the total of a counter could fall by a
 * rounding error as a worker leaves, and Prometheus would see a restart.
 */
export function exactSeconds(seconds: number): number {
  return Math.round(seconds * STEPS_PER_SECOND) / STEPS_PER_SECOND;
}
