/**
 * Decides which requests a worker handles now, which wait, and which it
 * refuses. Runs per request, where one of its limits is set.
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

/** As the settings have them; 0 is no limit. */
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

/** Clients are sent away for 1 to so many seconds, each for its own time. */
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

  /** The handler, for as many requests as there may be. */
  around(handler: Handler): Handler {
    const { maxConcurrentRequests } = this.#limits;
    const most = maxConcurrentRequests || Number.POSITIVE_INFINITY;
    return (request) => {
      if (this.#exempt.has(request.path)) return handler(request);
      if (this.#isLate) return this.#refuse("event_loop_delay");
      // Whoever waits is first, also in the moment after one has ended.
      if (this.#running.size < most && this.#queue.size === 0) {
        this.#running.add(request);
        return handler(request);
      }
      if (this.#queue.isFull) return this.#refuse("queue_full");
      return this.#queue.wait(request);
    };
  }

  /** The handler for connections that are too many. */
  refusing(handler: Handler): Handler {
    return (request) => {
      if (this.#exempt.has(request.path)) return handler(request);
      return this.#refuse("connections");
    };
  }

  /**
   * A request has been answered, or its client has left; then another one may
   * have its turn.
   *
   * @param handler what `around()` was given
   */
  onOver(request: HttpRequest, handler: Handler): void {
    if (!this.#running.delete(request)) {
      this.#queue.remove(request);
    } else if (this.#queue.size > 0) {
      // Not before the answer to the one that is over is on its way.
      queueMicrotask(() => this.#startNext(handler));
    }
  }

  /**
   * How late the event loop was this time. One long turn, as of the garbage
   * collector, is no overload: two samples in a row are.
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
