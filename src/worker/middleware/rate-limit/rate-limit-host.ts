import type { InstanceCounter } from "./instance-counter.ts";

/** The process in which rate limits run. */
export interface RateLimitHost {
  /** Counts in the master; undefined in a process without a master. */
  readonly instanceCounter: InstanceCounter | undefined;
  /** The setting `rateLimit.redisUrl`. */
  readonly redisUrl: string | undefined;
  /**
   * Whether requests have a client address. On a Unix socket they have one
   * only if a proxy sends it.
   */
  readonly hasAddresses: boolean;
  /** Called for each refused request. */
  onLimited(policy: string): void;
  /** Called for each request that could not be counted. */
  onUncounted(store: string): void;
}

/** For a process that is not a worker, such as a test of an app. */
const NO_HOST: RateLimitHost = {
  instanceCounter: undefined,
  redisUrl: undefined,
  hasAddresses: true,
  onLimited() {},
  onUncounted() {},
};

let current = NO_HOST;
let starts: (() => Promise<void>)[] = [];

export function rateLimitHost(): RateLimitHost {
  return current;
}

/** Called by the worker at boot, before it loads the app. */
export function setRateLimitHost(host: RateLimitHost | undefined): void {
  current = host ?? NO_HOST;
}

/** Registers the start of a new limit, to run before the first request. */
export function whenStarting(start: () => Promise<void>): void {
  starts.push(start);
}

/**
 * Called by the worker when the app is loaded.
 *
 * @throws Error for a limit that cannot work in this process
 */
export async function startRateLimits(): Promise<void> {
  const due = starts;
  starts = [];
  await Promise.all(due.map((start) => start()));
}
