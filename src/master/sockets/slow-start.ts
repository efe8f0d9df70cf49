/**
 * Slow start: a worker that has just become ready gets a share of new
 * connections that grows, from a tenth of a warm one's to all of it. Its code
 * has not run yet, and its caches are empty. Runs per connection.
 */

/** What it gets at once: with nothing it would never warm up. */
const LEAST_WARMTH = 0.1;

/** The share of a worker that has been ready for so long; 1 once it is warm. */
export function warmthAt(ageMs: number, slowStartMs: number): number {
  if (ageMs >= slowStartMs) return 1;
  return Math.max(LEAST_WARMTH, ageMs / slowStartMs);
}
