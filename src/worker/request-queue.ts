/**
 * A first-in, first-out queue of requests. Runs per queued request: one promise
 * and one map entry. One timer serves all, because the first request has waited
 * longest.
 */
import type { Clock } from "../shared/clock.ts";
import type { HttpRequest } from "./http/http-request.ts";
import type { HttpResponse } from "./http/http-response.ts";

export interface RequestQueueOptions {
  readonly clock: Clock;
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  /** Returns the response after `timeoutMs` in the queue. */
  readonly onTimeout: () => HttpResponse;
}

/** A queued request. */
export interface Waiting {
  readonly request: HttpRequest;
  readonly deadlineAt: number;
  readonly answer: (answer: HttpResponse | Promise<HttpResponse>) => void;
}

export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #waiting = new Map<HttpRequest, Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get isFull(): boolean {
    return this.#waiting.size >= this.#options.maxWaiting;
  }

  /** Adds the request; the caller of `take()` answers it. */
  wait(request: HttpRequest): Promise<HttpResponse> {
    const { clock, timeoutMs } = this.#options;
    const deadlineAt = clock.now() + timeoutMs;
    return new Promise((answer) => {
      this.#waiting.set(request, { request, deadlineAt, answer });
      this.#arm();
    });
  }

  /** Removes and returns the first request. */
  take(): Waiting | undefined {
    const first = this.#first;
    if (first) this.remove(first.request);
    return first;
  }

  /** Removes a request whose client has gone. */
  remove(request: HttpRequest): void {
    this.#waiting.delete(request);
    if (this.#waiting.size === 0) this.#disarm();
  }

  get #first(): Waiting | undefined {
    for (const waiting of this.#waiting.values()) return waiting;
    return undefined;
  }

  #arm(): void {
    const first = this.#first;
    if (!first || this.#timer) return;
    // Timers may fire slightly early.
    const ms = Math.max(1, first.deadlineAt - this.#options.clock.now());
    this.#timer = setTimeout(() => this.#expire(), ms).unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#options.clock.now();
    for (const { request, deadlineAt, answer } of this.#waiting.values()) {
      if (deadlineAt > now) break;
      this.#waiting.delete(request);
      answer(this.#options.onTimeout());
    }
    this.#arm();
  }
}
