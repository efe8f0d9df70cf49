import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  /** Completes "waited for …" in the error. */
  readonly what: string;
  /** Default 60 s: only a condition that never holds takes that long. */
  readonly timeoutMs?: number;
}

/**
 * First interval between two polls; a twentieth of the elapsed time is added.
 */
const MIN_INTERVAL_MS = 10;
const MAX_INTERVAL_MS = 50;

/**
 * Polls until the condition is truthy and returns its value, for facts without
 * an event. A condition that throws does not hold yet; its last error is the
 * cause of the time-out error.
 */
export async function waitUntil<T>(
  condition: () => T | Promise<T>,
  { what, timeoutMs = 60_000 }: WaitOptions,
): Promise<T> {
  const startedAt = performance.now();
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    const interval = MIN_INTERVAL_MS + (performance.now() - startedAt) / 20;
    await delay(Math.min(interval, MAX_INTERVAL_MS));
  } while (performance.now() - startedAt < timeoutMs);
  throw new Error(`waited for ${what}, ${timeoutMs} ms in vain`, { cause });
}
