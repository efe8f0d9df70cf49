/**
 * Runs per counted request: one timer. Whatever becomes of a store, no request
 * waits longer for it than its time-out, and once it is known to be away only
 * one request a second waits at all.
 *
 *   up ──no answer in time, or an error──► away ──any answer──► up
 */
import type { Clock } from "../../../shared/clock.ts";
import { processLogger } from "../../../shared/logger.ts";
import type {
  Count,
  CountEntry,
  Counter,
} from "../../../shared/rate-limits/counter.ts";
import { messageOf } from "../../../shared/thrown-value.ts";

/** How often a store that is away is tried. */
const RETRY_MS = 1_000;

export class GuardedCounter {
  /** For the log and the metric: "master", "redis". */
  readonly store: string;
  readonly #counter: Counter;
  readonly #clock: Clock;
  #awaySince: number | undefined;
  #triedAt = 0;

  constructor(store: string, counter: Counter, clock: Clock) {
    this.store = store;
    this.#counter = counter;
    this.#clock = clock;
  }

  /** The count; undefined where the store did not say it in time. */
  count(entry: CountEntry, timeoutMs: number): Promise<Count | undefined> {
    if (!this.#mayTry()) return NOTHING;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#onFailure(`no answer within ${timeoutMs} ms`);
        resolve(undefined);
      }, timeoutMs);
      this.#counter.count(entry).then(
        (count) => {
          clearTimeout(timer);
          // Also one that comes too late: the store is there again.
          this.#onAnswer();
          resolve(count);
        },
        (error) => {
          clearTimeout(timer);
          this.#onFailure(messageOf(error));
          resolve(undefined);
        },
      );
    });
  }

  #mayTry(): boolean {
    if (this.#awaySince === undefined) return true;
    const now = this.#clock.now();
    if (now - this.#triedAt < RETRY_MS) return false;
    this.#triedAt = now;
    return true;
  }

  #onAnswer(): void {
    if (this.#awaySince === undefined) return;
    const { store } = this;
    const awayMs = Math.round(this.#clock.now() - this.#awaySince);
    this.#awaySince = undefined;
    processLogger().info({ store, awayMs }, "rate limits are counted again");
  }

  #onFailure(error: string): void {
    if (this.#awaySince !== undefined) return;
    this.#awaySince = this.#clock.now();
    this.#triedAt = this.#awaySince;
    const fields = { store: this.store, error };
    processLogger().warn(fields, "rate limits cannot be counted");
  }
}

const NOTHING: Promise<undefined> = Promise.resolve(undefined);
