import { monotonicClock } from "../../../shared/clock.ts";
import type { Counter } from "../../../shared/rate-limits/counter.ts";
import { MemoryCounter } from "../../../shared/rate-limits/memory-counter.ts";
import { GuardedCounter } from "./guarded-counter.ts";
import { type RateLimitHost, rateLimitHost } from "./rate-limit-host.ts";
import type { CheckedOptions } from "./rate-limit-options.ts";
import { RedisCounter } from "./redis-counter.ts";

/** Keys in the memory of one worker. */
const MAX_KEYS = 100_000;

/** All limits of a process share its stores and the state of each store. */
const stores = new Map<unknown, Promise<GuardedCounter>>();

/**
 * Returns the store for a limit's scope.
 *
 * @throws Error if the scope cannot work in this process
 */
export async function openStore(
  options: CheckedOptions,
): Promise<GuardedCounter> {
  const host = rateLimitHost();
  if (!host.hasAddresses && options.key === undefined) {
    throw new Error(
      "rateLimit() has no addresses to count by on a Unix socket: " +
        'give it key(request), or "unix" to the setting trustProxy where a ' +
        "proxy says who asks",
    );
  }
  const redisUrl = options.redisUrl ?? host.redisUrl;
  const scope = options.scope ?? (redisUrl ? "redis" : "instance");
  switch (scope) {
    case "worker":
      return memoryStore();
    case "instance":
      return instanceStore(host);
    case "redis":
      if (redisUrl) return redisStore(redisUrl);
      throw new Error(
        'rateLimit() with the scope "redis" needs a redisUrl, ' +
          "or the setting rateLimit.redisUrl",
      );
    default:
      return scope satisfies never;
  }
}

function memoryStore(): Promise<GuardedCounter> {
  return shared("memory", "memory", async () => new MemoryCounter(MAX_KEYS));
}

function instanceStore({
  instanceCounter,
}: RateLimitHost): Promise<GuardedCounter> {
  if (!instanceCounter) return memoryStore();
  return shared(instanceCounter, "master", async () => {
    instanceCounter.prepare();
    return instanceCounter;
  });
}

function redisStore(url: string): Promise<GuardedCounter> {
  return shared(url, "redis", () => RedisCounter.open(url));
}

function shared(
  identity: unknown,
  name: string,
  open: () => Promise<Counter>,
): Promise<GuardedCounter> {
  const known = stores.get(identity);
  if (known) return known;
  const store = open().then((counter) => {
    return new GuardedCounter(name, counter, monotonicClock);
  });
  stores.set(identity, store);
  return store;
}
