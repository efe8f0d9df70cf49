const STEPS_PER_SECOND = 2 ** 20;

/**
 * Rounds to about a microsecond, so that sums up to 2 ** 33 s are exact in any
 * order. Otherwise a rounding error could let a counter fall when a worker
 * leaves, which Prometheus would take for a restart.
 */
export function exactSeconds(seconds: number): number {
  return Math.round(seconds * STEPS_PER_SECOND) / STEPS_PER_SECOND;
}
