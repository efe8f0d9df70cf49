import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../logging/logger.ts";
import { loggable } from "../thrown-value.ts";
import { registeredTelemetry } from "./registered-telemetry.ts";

/** A provider of an SDK; the API does not know `forceFlush()`. */
interface Provider {
  getDelegate?: () => Provider;
  forceFlush?: () => Promise<void>;
}

export interface FlushOptions {
  readonly logger: Logger;
  readonly timeoutMs: number;
}

/**
 * Has the registered SDK, if there is one, export the spans and the metrics
 * that it still has. It never rejects: what cannot be exported is logged.
 */
export async function flushTelemetry({
  logger,
  timeoutMs,
}: FlushOptions): Promise<void> {
  const { trace, metrics } = registeredTelemetry();
  const flushes = [trace, metrics].flatMap((each) => flushOf(each) ?? []);
  if (flushes.length === 0) return;
  const timer = new AbortController();
  const { signal } = timer;
  const late = delay(timeoutMs, undefined, { signal }).catch(() => undefined);
  const flushed = Promise.all(flushes.map(settled));
  const results = await Promise.race([flushed, late]);
  timer.abort();
  if (!results) {
    const text = "the last spans were not exported in time";
    logger.warn({ timeoutMs }, text);
    return;
  }
  for (const error of results.flat()) {
    const fields = { err: loggable(error) };
    logger.warn(fields, "the last spans could not be exported");
  }
}

/** The global provider of traces stands for the one of the SDK. */
function flushOf(registered: unknown): (() => Promise<void>) | undefined {
  const known = registered as Provider | undefined;
  const provider = known?.getDelegate?.() ?? known;
  return provider?.forceFlush?.bind(provider);
}

/** @returns the error, if there is one */
async function settled(flush: () => Promise<void>): Promise<unknown[]> {
  try {
    await flush();
    return [];
  } catch (error) {
    return [error];
  }
}
