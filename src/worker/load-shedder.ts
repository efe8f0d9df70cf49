/**
 * Decides which requests a worker handles, queues or refuses. Runs per request
 * if a limit is set.
 *
 *   exempt path ──────────────────────────────► handled
 *   the event loop is late ───────────────────► 503 event_loop_delay
 *   fewer than maxConcurrentRequests ─────────► handled
 *   fewer than maxQueuedRequests wait ────────► waits ──► handled
 *                                                 └─────► 503 queue_timeout
 *   otherwise ────────────────────────────────► 503 queue_full
 */
import type { Clock } from "../shared/clock.ts";
import type { Handler } from "./http/handler.ts";
import type { HttpRequest } from "./http/http-request.ts";
import type { HttpResponse } from "./http/http-response.ts";
import { HttpStatus } from "./http/http-status.ts";
import { problem } from "./http/response-helpers.ts";
import { RequestQueue } from "./request-queue.ts";

export type ShedReason =
  | "connections"
  | "event_loop_delay"
  | "queue_full"
  | "queue_timeout";

/** Limits of the settings; 0 disables a limit. */
export interface ShedLimits {
  readonly maxConcurrentRequests: number;
  readonly maxQueuedRequests: number;
  readonly queueTimeoutMs: number;
  readonly maxEventLoopDelayMs: number;
  readonly shedExemptPaths: readonly string[];
}

export interface LoadShedderParts {
  readonly clock: Clock;
  readonly onShed: (reason: ShedReason) => void;
  /** 0 to 1; default: `Math.random`. */
  readonly random?: () => number;
}

/** Upper bound of Retry-After; a random value spreads the retries. */
const MAX_RETRY_AFTER_SECONDS = 4;

export class LoadShedder {
  readonly #limits: ShedLimits;
  readonly #parts: LoadShedderParts;
  readonly #exempt: ReadonlySet<string>;
  readonly #queue: RequestQueue;
  readonly #running = new Set<HttpRequest>();
  #lastDelayMs = 0;
  #isLate = false;

  constructor(limits: ShedLimits, parts: LoadShedderParts) {
    this.#limits = limits;
    this.#parts = parts;
    this.#exempt = new Set(limits.shedExemptPaths);
    this.#queue = new RequestQueue({
      clock: parts.clock,
      maxWaiting: limits.maxQueuedRequests,
      timeoutMs: limits.queueTimeoutMs,
      onTimeout: () => this.#refuse("queue_timeout"),
    });
  }

  /** Wraps the handler with the limit on concurrent requests. */
  around(handler: Handler): Handler {
    const { maxConcurrentRequests } = this.#limits;
    const most = maxConcurrentRequests || Number.POSITIVE_INFINITY;
    return (request) => {
      if (this.#exempt.has(request.path)) return handler(request);
      if (this.#isLate) return this.#refuse("event_loop_delay");
      // Queued requests go first, even right after a request has ended.
      if (this.#running.size < most && this.#queue.size === 0) {
        this.#running.add(request);
        return handler(request);
      }
      if (this.#queue.isFull) return this.#refuse("queue_full");
      return this.#queue.wait(request);
    };
  }

  /** Returns a handler for surplus connections, which refuses with 503. */
  refusing(handler: Handler): Handler {
    return (request) => {
      if (this.#exempt.has(request.path)) return handler(request);
      return this.#refuse("connections");
    };
  }

  /**
   * Called when a request was answered or aborted. Starts the next queued one.
   *
   * @param handler the handler given to `around()`
   */
  onOver(request: HttpRequest, handler: Handler): void {
    if (!this.#running.delete(request)) {
      this.#queue.remove(request);
    } else if (this.#queue.size > 0) {
      // After the response of the ended request is written.
      queueMicrotask(() => this.#startNext(handler));
    }
  }

  /**
   * Takes a sample of the event loop delay. A single late sample, such as from
   * garbage collection, is not an overload; two in a row are.
   */
  onEventLoopDelay(ms: number): void {
    const { maxEventLoopDelayMs } = this.#limits;
    const leastMs = Math.min(ms, this.#lastDelayMs);
    this.#isLate = maxEventLoopDelayMs > 0 && leastMs > maxEventLoopDelayMs;
    this.#lastDelayMs = ms;
  }

  #startNext(handler: Handler): void {
    while (this.#running.size < this.#limits.maxConcurrentRequests) {
      const next = this.#queue.take();
      if (!next) return;
      this.#running.add(next.request);
      next.answer(handler(next.request));
    }
  }

  #refuse(reason: ShedReason): HttpResponse {
    const { onShed, random = Math.random } = this.#parts;
    onShed(reason);
    const seconds = 1 + Math.floor(random() * MAX_RETRY_AFTER_SECONDS);
    return problem(
      HttpStatus.ServiceUnavailable,
      "the server is busy; come back later",
    ).with("Retry-After", String(seconds));
  }
}
