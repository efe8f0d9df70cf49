import {
  checkOptions,
  integer,
  ofType,
  oneOf,
  required,
} from "../../../shared/check-options.ts";
import { MAX_TIMER_MS } from "../../../shared/max-timer-ms.ts";
import { isRedisUrl } from "../../../shared/rate-limits/is-redis-url.ts";
import type { HttpRequest } from "../../http/http-request.ts";

/** The group of workers that share a count. */
export type RateLimitScope = "instance" | "worker" | "redis";

export interface RateLimitOptions {
  /** Points per key and window: requests, if each costs 1. */
  readonly max: number;
  /**
   * Length of a window in milliseconds, a multiple of 1,000. A key's window
   * begins with its first request. Default: 60,000.
   */
  readonly windowMs?: number;
  /**
   * Name of the limit in header fields, metrics and stores. Limits with the
   * same name share their counts. Default: "default", "default-2" and so on.
   */
  readonly name?: string;
  /**
   * Which workers share a count: all workers of one master ("instance"), none
   * ("worker"), or all servers that use the same Redis ("redis").
   * Default: "redis" if a Redis URL is set, otherwise "instance".
   */
  readonly scope?: RateLimitScope;
  /** redis://… or rediss://…; default: the setting `rateLimit.redisUrl`. */
  readonly redisUrl?: string;
  /**
   * What to do with a request that cannot be counted, for example when Redis
   * is unreachable: "allow" serves it, "refuse" answers 503.
   * Default: "allow".
   */
  readonly whenStoreFails?: "allow" | "refuse";
  /** Longest time that a request waits for its count. Default: 500 ms. */
  readonly storeTimeoutMs?: number;
  /**
   * Returns the key to count the request for. Default: `remoteAddress`, for
   * IPv6 its /64 prefix. All clients without a known address share one key.
   */
  readonly key?: (request: HttpRequest) => string;
  /** Returns true for requests that are not counted. Default: none. */
  readonly skip?: (request: HttpRequest) => boolean;
  /**
   * Points of a request, an integer. A request of 0 points is not counted.
   * Default: 1.
   */
  readonly cost?: number | ((request: HttpRequest) => number);
}

/** Options with their defaults. */
export interface CheckedOptions extends RateLimitOptions {
  readonly windowMs: number;
  readonly name: string;
  readonly whenStoreFails: "allow" | "refuse";
  readonly storeTimeoutMs: number;
  readonly cost: number | ((request: HttpRequest) => number);
}

const NAME = /^[A-Za-z][\w.:-]{0,63}$/;
/** The largest Integer of a structured field (RFC 9651 §3.3.1). */
const MAX_POINTS = 1e15 - 1;

const points = integer(0, MAX_POINTS);
const windowLength = integer(1_000, MAX_TIMER_MS);

let unnamed = 0;

/** @throws TypeError for an unknown, invalid or missing option */
export function checkedOptions(options: RateLimitOptions): CheckedOptions {
  const { scope, redisUrl } = Object(options) as Record<string, unknown>;
  if (scope === "herd") {
    throw new TypeError(
      'the scope "herd" of rateLimit() is now called "instance"',
    );
  }
  checkOptions("rateLimit()", options, {
    max: required(integer(1, MAX_POINTS)),
    windowMs: {
      isValid: (value) =>
        windowLength.isValid(value) && Number(value) % 1_000 === 0,
      valid: "whole seconds in milliseconds, 1000 to 2147483000",
    },
    name: {
      isValid: (value) => typeof value === "string" && NAME.test(value),
      valid: "a letter, then at most 63 letters, digits or one of _ . : -",
    },
    scope: oneOf("instance", "worker", "redis"),
    redisUrl: { isValid: isRedisUrl, valid: "a URL, redis://… or rediss://…" },
    whenStoreFails: oneOf("allow", "refuse"),
    storeTimeoutMs: integer(1, MAX_TIMER_MS),
    key: ofType("function"),
    skip: ofType("function"),
    cost: {
      isValid: (value) => isCost(value) || typeof value === "function",
      valid: "a whole number, 0 or more, or a function that returns one",
    },
  });
  if (redisUrl !== undefined && scope !== undefined && scope !== "redis") {
    throw new TypeError(
      'option scope of rateLimit() must be "redis" with a redisUrl, ' +
        `not "${scope}"`,
    );
  }
  return {
    ...options,
    windowMs: options.windowMs ?? 60_000,
    name: options.name ?? nextName(),
    whenStoreFails: options.whenStoreFails ?? "allow",
    storeTimeoutMs: options.storeTimeoutMs ?? 500,
    cost: options.cost ?? 1,
  };
}

/** Whether the value is valid as the cost of a request. */
export function isCost(value: unknown): value is number {
  return points.isValid(value);
}

function nextName(): string {
  unnamed++;
  return unnamed === 1 ? "default" : `default-${unnamed}`;
}
