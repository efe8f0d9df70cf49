/** Counts for several machines: in a Redis that all of them reach. */
import type { RateLimiterRedis } from "rate-limiter-flexible";
import type {
  Count,
  CountEntry,
  Counter,
} from "../../../shared/rate-limits/counter.ts";

/** A connection on which nothing comes for so long is dead. */
const SOCKET_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** How long the start waits for the first connection. */
const FIRST_WAIT_MS = 1_000;
const MAX_RECONNECT_MS = 1_000;

const KEY_PREFIX = "remuda";

type Client = ReturnType<typeof import("redis")["createClient"]>;

export class RedisCounter implements Counter {
  readonly #limiter: RateLimiterRedis;
  readonly #client: Client;
  /** Why there is no connection, which a refused command does not say. */
  #lastError: Error | undefined;

  /**
   * Connects, and goes on to try where that fails.
   *
   * @param url redis://… or rediss://…
   * @throws Error where the package `redis` is not installed
   */
  static async open(url: string): Promise<RedisCounter> {
    const { createClient } = await loadRedis();
    const { RateLimiterRedis } = await import("rate-limiter-flexible");
    const client = createClient({
      url,
      RESP: 2,
      // A request that has to wait for a connection has waited too long.
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
      // By the clock of Redis, which may be set back.
      const msLeft = Math.min(Math.max(msBeforeNext, 0), windowMs);
      return { used: consumedPoints, msLeft };
    } catch (error) {
      throw this.#client.isReady ? error : (this.#lastError ?? error);
    }
  }

  /** Until it has succeeded or failed for the first time. */
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
