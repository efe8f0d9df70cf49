/**
 * Runs per request of a limited route. A request costs one look-up if its key
 * is over the limit, and one count otherwise. In the scope "instance", several
 * counts share an IPC message.
 */
import { createHash } from "node:crypto";
import { monotonicClock } from "../../../shared/clock.ts";
import type { Count } from "../../../shared/rate-limits/counter.ts";
import type { Middleware, Next } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import type { HttpResponse } from "../../http/http-response.ts";
import { serviceUnavailable } from "../../http/response-helpers.ts";
import { clientKey } from "./client-key.ts";
import type { GuardedCounter } from "./guarded-counter.ts";
import { openStore } from "./open-store.ts";
import { addFields, limited } from "./rate-limit-fields.ts";
import { rateLimitHost, whenStarting } from "./rate-limit-host.ts";
import {
  type CheckedOptions,
  checkedOptions,
  isCost,
  type RateLimitOptions,
} from "./rate-limit-options.ts";
import { SpentKeys } from "./spent-keys.ts";

/** Longer keys are stored as a digest, to bound memory. */
const MAX_KEY_LENGTH = 128;

/**
 * Refuses a request with 429 when its key has used up its points: `max` per
 * window of `windowMs`, which begins with the key's first request. Every
 * response carries the rest of the quota in the fields `RateLimit` and
 * `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11).
 *
 * By default all workers of one master share an exact count, which survives a
 * reload. Refused requests count too: a key over its limit is refused until
 * its window ends.
 *
 * @throws TypeError for an unknown, invalid or missing option
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const limit = new RateLimit(checkedOptions(options));
  whenStarting(() => limit.start());
  return (request, next) => limit.handle(request, next);
}

class RateLimit {
  readonly #options: CheckedOptions;
  readonly #spent = new SpentKeys(monotonicClock);
  #store: Promise<GuardedCounter> | undefined;

  constructor(options: CheckedOptions) {
    this.#options = options;
  }

  /** @throws Error if the limit cannot work in this process */
  async start(): Promise<void> {
    this.#store ??= openStore(this.#options);
    await this.#store;
  }

  handle(
    request: HttpRequest,
    next: Next,
  ): HttpResponse | Promise<HttpResponse> {
    const { name, skip } = this.#options;
    if (skip?.(request)) return next(request);
    const points = this.#pointsOf(request);
    if (points === 0) return next(request);
    const key = this.#keyOf(request);
    const msLeft = this.#spent.msLeft(key);
    if (msLeft === 0) return this.#count(request, next, { key, points });
    rateLimitHost().onLimited(name);
    return limited(this.#options, { used: this.#options.max, msLeft });
  }

  async #count(
    request: HttpRequest,
    next: Next,
    what: { readonly key: string; readonly points: number },
  ): Promise<HttpResponse> {
    const { max, windowMs, storeTimeoutMs } = this.#options;
    this.#store ??= openStore(this.#options);
    const store = await this.#store;
    const count = await store.count({ ...what, windowMs }, storeTimeoutMs);
    if (!count) return this.#uncounted(request, next, store);
    if (count.used >= max) this.#spent.add(what.key, count.msLeft);
    if (count.used > max) return this.#refuse(count);
    return addFields(await next(request), this.#options, count);
  }

  #refuse(count: Count): HttpResponse {
    rateLimitHost().onLimited(this.#options.name);
    return limited(this.#options, count);
  }

  #uncounted(
    request: HttpRequest,
    next: Next,
    { store }: GuardedCounter,
  ): HttpResponse | Promise<HttpResponse> {
    rateLimitHost().onUncounted(store);
    const { whenStoreFails } = this.#options;
    return whenStoreFails === "allow" ? next(request) : serviceUnavailable();
  }

  /** @throws TypeError if the app's function returns anything else */
  #pointsOf(request: HttpRequest): number {
    const { cost } = this.#options;
    if (typeof cost === "number") return cost;
    const points: unknown = cost(request);
    if (isCost(points)) return points;
    const valid = "a whole number, 0 or more";
    throw new TypeError(`rateLimit(): cost() returned ${points}, not ${valid}`);
  }

  /** Starts with the limit's name, because limits share a store. */
  #keyOf(request: HttpRequest): string {
    const { name, key } = this.#options;
    const own: unknown = key ? key(request) : clientKey(request.remoteAddress);
    if (typeof own !== "string") {
      throw new TypeError(`rateLimit(): key() returned ${own}, not a text`);
    }
    return `${name} ${own.length > MAX_KEY_LENGTH ? digestOf(own) : own}`;
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
