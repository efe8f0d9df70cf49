/** Counts in Redis, for all servers that use it. */
import type { RateLimiterRedis } from "rate-limiter-flexible";
import type {
  Count,
  CountEntry,
  Counter,
} from "../../../shared/rate-limits/counter.ts";

/** A connection without data for this time is dead; pings keep it alive. */
const SOCKET_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Longest time that the start waits for the first connection. */
const FIRST_WAIT_MS = 1_000;
const MAX_RECONNECT_MS = 1_000;

const KEY_PREFIX = "remuda";

type Client = ReturnType<typeof import("redis")["createClient"]>;

export class RedisCounter implements Counter {
  readonly #limiter: RateLimiterRedis;
  readonly #client: Client;
  /** Cause of a lost connection; the error of a command lacks it. */
  #lastError: Error | undefined;

  /**
   * Connects, and retries in the background if that fails.
   *
   * @param url redis://… or rediss://…
   * @throws Error if the package `redis` is not installed
   */
  static async open(url: string): Promise<RedisCounter> {
    const { createClient } = await loadRedis();
    const { RateLimiterRedis } = await import("rate-limiter-flexible");
    const client = createClient({
      url,
      RESP: 2,
      // Without a connection a count fails at once instead of waiting.
      disableOfflineQueue: true,
      pingInterval: PING_INTERVAL_MS,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        socketTimeout: SOCKET_TIMEOUT_MS,
        reconnectStrategy: (retries) =>
          Math.min(50 * 2 ** retries, MAX_RECONNECT_MS),
      },
    }) as unknown as Client;
    const limiter = new RateLimiterRedis({
      storeClient: client,
      useRedisPackage: true,
      rejectIfRedisNotReady: true,
      keyPrefix: KEY_PREFIX,
      points: 0,
      duration: 1,
    });
    const counter = new RedisCounter(limiter, client);
    await counter.#connect();
    return counter;
  }

  private constructor(limiter: RateLimiterRedis, client: Client) {
    this.#limiter = limiter;
    this.#client = client;
    client.on("error", (error: Error) => {
      this.#lastError = error;
    });
    client.on("ready", () => {
      this.#lastError = undefined;
    });
  }

  async count({ key, points, windowMs }: CountEntry): Promise<Count> {
    const customDuration = windowMs / 1000;
    try {
      const { consumedPoints, msBeforeNext } = await this.#limiter.penalty(
        key,
        points,
        { customDuration },
      );
      // Redis uses wall-clock time, which can be set back.
      const msLeft = Math.min(Math.max(msBeforeNext, 0), windowMs);
      return { used: consumedPoints, msLeft };
    } catch (error) {
      throw this.#client.isReady ? error : (this.#lastError ?? error);
    }
  }

  /** Resolves after the first success or failure. */
  #connect(): Promise<void> {
    return new Promise((resolve) => {
      this.#client.once("ready", () => resolve());
      this.#client.once("error", () => resolve());
      setTimeout(resolve, FIRST_WAIT_MS).unref();
      this.#client.connect().catch(() => resolve());
    });
  }
}

async function loadRedis(): Promise<typeof import("redis")> {
  try {
    return await import("redis");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND") throw cause;
    const text =
      "rateLimit() with a redisUrl needs the package redis: npm install redis";
    throw new Error(text, { cause });
  }
}
