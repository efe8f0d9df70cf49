import { isRedisUrl } from "../../../shared/rate-limits/is-redis-url.ts";
import type { HttpRequest } from "../../http/request.ts";

/** Who is counted together. */
export type RateLimitScope = "herd" | "worker" | "redis";

export interface RateLimitOptions {
  /** Points that a key may use in a window: requests, if each costs 1. */
  readonly max: number;
  /**
   * Milliseconds, whole seconds. A key's window begins with its first request.
   * Default: 60,000.
   */
  readonly windowMs?: number;
  /**
   * Name of the limit in fields, metrics and stores; limits of one name count
   * together. Default: "default", then "default-2" and so on.
   */
  readonly name?: string;
  /**
   * Who is counted together: all workers of the master ("herd"), each worker
   * by itself ("worker"), or all servers that use the same Redis ("redis").
   * Default: "redis" where there is a URL of one, otherwise "herd".
   */
  readonly scope?: RateLimitScope;
  /** redis://… or rediss://…; default: the setting `rateLimit.redisUrl`. */
  readonly redisUrl?: string;
  /**
   * What becomes of a request that cannot be counted, as when Redis is away:
   * "allow" serves it, "refuse" answers 503. Default: "allow".
   */
  readonly whenStoreFails?: "allow" | "refuse";
  /** How long a request waits to be counted. Default: 500 ms. */
  readonly storeTimeoutMs?: number;
  /**
   * Whom a request is counted for. Default: `remoteAddress`, of IPv6 its /64.
   * All clients whose address is not known are counted as one.
   */
  readonly key?: (request: HttpRequest) => string;
  /** Requests that are not counted. Default: none. */
  readonly skip?: (request: HttpRequest) => boolean;
  /** Points of a request, a whole number; 0 does not count. Default: 1. */
  readonly cost?: number | ((request: HttpRequest) => number);
}

export interface CheckedOptions extends RateLimitOptions {
  readonly windowMs: number;
  readonly name: string;
  readonly whenStoreFails: "allow" | "refuse";
  readonly storeTimeoutMs: number;
  readonly cost: number | ((request: HttpRequest) => number);
}

const NAME = /^[A-Za-z][\w.:-]{0,63}$/;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The largest Integer of a structured field (RFC 9651 §3.3.1). */
const MAX_POINTS = 1e15 - 1;

let unnamed = 0;

/** With the defaults. @throws TypeError that says what would be right */
export function checkedOptions(options: RateLimitOptions): CheckedOptions {
  if (typeof options !== "object" || options === null) {
    throw wrong("the options", options, "an object with max");
  }
  for (const name of Object.keys(options)) {
    if (name in CHECKS) continue;
    const known = Object.keys(CHECKS).join(", ");
    throw new TypeError(`rateLimit() has no option ${name}, only ${known}`);
  }
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = options[name as keyof RateLimitOptions];
    if (value === undefined && name !== "max") continue;
    if (check.isValid(value)) continue;
    // It may have a password in it.
    if (name !== "redisUrl") throw wrong(name, value, check.valid);
    throw new TypeError(`rateLimit(): redisUrl must be ${check.valid}`);
  }
  const { scope, redisUrl } = options;
  if (redisUrl !== undefined && scope !== undefined && scope !== "redis") {
    throw wrong("scope", scope, '"redis", or left out, beside a redisUrl');
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

/** Whether it can be the cost of a request. */
export function isCost(value: unknown): value is number {
  return Number.isInteger(value) && isWithin(value, 0, MAX_POINTS);
}

interface Check {
  readonly isValid: (value: unknown) => boolean;
  /** Completes "must be …". */
  readonly valid: string;
}

const CHECKS: Readonly<Record<keyof RateLimitOptions, Check>> = {
  max: {
    isValid: (value) => isCost(value) && value > 0,
    valid: `an integer, 1 to ${MAX_POINTS}`,
  },
  windowMs: {
    isValid: (value) =>
      isWithin(value, 1_000, MAX_TIMER_MS) && Number(value) % 1_000 === 0,
    valid: "whole seconds in milliseconds, 1000 to 2147483000",
  },
  name: {
    isValid: (value) => typeof value === "string" && NAME.test(value),
    valid: "a letter, then at most 63 letters, digits or one of _ . : -",
  },
  scope: oneOf("herd", "worker", "redis"),
  redisUrl: { isValid: isRedisUrl, valid: "a URL, redis://… or rediss://…" },
  whenStoreFails: oneOf("allow", "refuse"),
  storeTimeoutMs: {
    isValid: (value) =>
      Number.isInteger(value) && isWithin(value, 1, MAX_TIMER_MS),
    valid: `a whole number of milliseconds, 1 to ${MAX_TIMER_MS}`,
  },
  key: { isValid: isFunction, valid: "a function that returns a text" },
  skip: { isValid: isFunction, valid: "a function that returns a boolean" },
  cost: {
    isValid: (value) => isCost(value) || isFunction(value),
    valid: "a whole number from 0 on, or a function that returns one",
  },
};

function oneOf(...options: readonly string[]): Check {
  const valid = `one of ${options.join(", ")}`;
  return { isValid: (value) => options.includes(value as string), valid };
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function nextName(): string {
  unnamed++;
  return unnamed === 1 ? "default" : `default-${unnamed}`;
}

function wrong(what: string, value: unknown, valid: string): TypeError {
  const given = typeof value === "string" ? JSON.stringify(value) : `${value}`;
  return new TypeError(`rateLimit(): ${what} is ${given}; it must be ${valid}`);
}
