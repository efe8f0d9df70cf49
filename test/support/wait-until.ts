import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  /** Completes "waited for …" in the error. */
  readonly what: string;
  /** Default 60 s: only what never comes takes so long. */
  readonly timeoutMs?: number;
}

/** Between two polls at first; a twentieth of the time waited is added. */
const MIN_INTERVAL_MS = 10;
const MAX_INTERVAL_MS = 50;

/**
 * Polls until the condition is truthy and returns what it gave: for facts that
 * no event announces. A condition that throws is not met yet; its last error
 * is the cause of ours.
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
