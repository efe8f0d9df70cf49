import type { InstanceCounter } from "./herd-counter.ts";

/** What rate limits need to know of the process in which they run. */
export interface RateLimitHost {
  /** Counts for all workers of the master; undefined without a master. */
  readonly herd: InstanceCounter | undefined;
  /** The setting `rateLimit.redisUrl`. */
  readonly redisUrl: string | undefined;
  /**
   * Whether clients have an address: on a Unix socket they do not, but where a
   * proxy tells it.
   */
  readonly hasAddresses: boolean;
  /** A request was refused. */
  onLimited(policy: string): void;
  /** A request could not be counted. */
  onUncounted(store: string): void;
}

/** As in a test that calls the app by itself. */
const ALONE: RateLimitHost = {
  herd: undefined,
  redisUrl: undefined,
  hasAddresses: true,
  onLimited() {},
  onUncounted() {},
};

let current = ALONE;
let starts: (() => Promise<void>)[] = [];

export function rateLimitHost(): RateLimitHost {
  return current;
}

/** Called at boot, before the app is loaded. */
export function setRateLimitHost(host: RateLimitHost | undefined): void {
  current = host ?? ALONE;
}

/** For a limit that was made: what it has to do before the first request. */
export function whenStarting(start: () => Promise<void>): void {
  starts.push(start);
}

/**
 * Called when the app has been loaded.
 *
 * @throws Error for a limit that cannot work here
 */
export async function startRateLimits(): Promise<void> {
  const due = starts;
  starts = [];
  await Promise.all(due.map((start) => start()));
}
