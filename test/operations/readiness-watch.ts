import type { SubjectStatus } from "./subject.ts";

/** Measures how long workers were missing, according to the status. */
export class ReadinessWatch {
  #below: Span = { longestMs: 0 };
  #none: Span = { longestMs: 0 };

  /** The longest time with fewer ready workers than wanted. */
  get longestBelowMs(): number {
    return this.#below.longestMs;
  }

  /** The longest time without a ready worker. */
  get longestNoneMs(): number {
    return this.#none.longestMs;
  }

  look(
    { workers, workersWanted }: SubjectStatus,
    nowMs = performance.now(),
  ): void {
    const ready = workers.filter(({ state }) => state === "ready").length;
    this.#below = after(this.#below, ready < workersWanted, nowMs);
    this.#none = after(this.#none, ready === 0, nowMs);
  }
}

interface Span {
  readonly longestMs: number;
  /** Start of the current period, if one lasts. */
  readonly sinceMs?: number;
}

function after(span: Span, isSo: boolean, nowMs: number): Span {
  const { sinceMs = nowMs } = span;
  const longestMs = Math.max(span.longestMs, nowMs - sinceMs);
  return isSo ? { longestMs, sinceMs } : { longestMs };
}
