import { RequestAborted } from "./errors.ts";

/**
 * How a request may end before its answer, for those who asked to be told.
 * Most requests have none of it.
 */
export class RequestEnd {
  #abort: AbortController | undefined = undefined;
  #abortReason: Error | undefined = undefined;
  #onAborted: ((reason: Error) => void) | undefined = undefined;
  #onClientEnded: (() => void) | undefined = undefined;
  /** Whether the client has ended its side while it waited. */
  hasClientEnded = false;
  #drain: AbortController | undefined = undefined;

  /** Aborts when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#abortReason) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  /** Aborts when the worker is about to leave. */
  drainSignal(isLeaving: boolean): AbortSignal {
    if (!this.#drain) {
      this.#drain = new AbortController();
      if (isLeaving) this.drain();
    }
    return this.#drain.signal;
  }

  whenAborted(onAborted: (reason: Error) => void): void {
    if (this.#abortReason) onAborted(this.#abortReason);
    else this.#onAborted = onAborted;
  }

  whenClientEnded(onClientEnded: () => void): void {
    if (this.hasClientEnded) onClientEnded();
    else this.#onClientEnded = onClientEnded;
  }

  clientEnded(): void {
    this.hasClientEnded = true;
    this.#onClientEnded?.();
  }

  drain(): void {
    this.#drain?.abort(new RequestAborted("the worker is leaving"));
  }

  /** @returns whether it is the first time */
  abort(reason: Error): boolean {
    if (this.#abortReason) return false;
    this.#abortReason = reason;
    this.#abort?.abort(reason);
    this.#onAborted?.(reason);
    return true;
  }
}
