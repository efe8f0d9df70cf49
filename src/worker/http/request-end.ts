import { RequestAborted } from "./http-error.ts";

/**
 * Signals and callbacks for a request that ends before its response. Made on
 * demand: most requests need none.
 */
export class RequestEnd {
  #abort: AbortController | undefined = undefined;
  #abortReason: Error | undefined = undefined;
  #onAborted: ((reason: Error) => void) | undefined = undefined;
  #onClientEnded: (() => void) | undefined = undefined;
  /** Whether the client has half-closed the connection. */
  hasClientEnded = false;
  #drain: AbortController | undefined = undefined;

  /** Aborts when the response is no longer needed. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#abortReason) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  /** Aborts when the worker starts to drain. */
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
