/** How long to wait before a worker that died early is started again. */

const BASE_MS = 100;
const MAX_MS = 30_000;
/** Each wait is off by up to this share, so that slots do not march in step. */
const JITTER = 0.25;

/**
 * @param failures how often in a row it died before it was stable, this time
 * included; 0 needs no wait
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  if (failures === 0) return 0;
  const exponential = BASE_MS * 2 ** Math.min(failures - 1, 20);
  const jitter = 1 + JITTER * (2 * random - 1);
  return Math.round(Math.min(exponential, MAX_MS) * jitter);
}

/** A worker that was ready for so long had no trouble starting. */
export const STABLE_AFTER_MS = 10_000;
