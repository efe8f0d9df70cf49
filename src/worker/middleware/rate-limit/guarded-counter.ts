/**
 * Limits the time that requests wait for a store. While the store is down, only
 * one request per second waits. Runs per counted request: one timer.
 *
 *   up ──time-out or error──► down ──any answer──► up
 */
import type { Clock } from "../../../shared/clock.ts";
import { processLogger } from "../../../shared/logging/logger.ts";
import type {
  Count,
  CountEntry,
  Counter,
} from "../../../shared/rate-limits/counter.ts";
import { messageOf } from "../../../shared/thrown-value.ts";

/** Interval of attempts while the store is down. */
const RETRY_MS = 1_000;

export class GuardedCounter {
  /** For the log and the metric: "master", "redis". */
  readonly store: string;
  readonly #counter: Counter;
  readonly #clock: Clock;
  #downSince: number | undefined;
  #triedAt = 0;

  constructor(store: string, counter: Counter, clock: Clock) {
    this.store = store;
    this.#counter = counter;
    this.#clock = clock;
  }

  /** Resolves with undefined if the store does not answer in time. */
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
          // A late answer also shows that the store is up again.
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
    if (this.#downSince === undefined) return true;
    const now = this.#clock.now();
    if (now - this.#triedAt < RETRY_MS) return false;
    this.#triedAt = now;
    return true;
  }

  #onAnswer(): void {
    if (this.#downSince === undefined) return;
    const { store } = this;
    const awayMs = Math.round(this.#clock.now() - this.#downSince);
    this.#downSince = undefined;
    processLogger().info({ store, awayMs }, "rate limits are counted again");
  }

  #onFailure(error: string): void {
    if (this.#downSince !== undefined) return;
    this.#downSince = this.#clock.now();
    this.#triedAt = this.#downSince;
    const fields = { store: this.store, error };
    processLogger().warn(fields, "rate limits cannot be counted");
  }
}

const NOTHING: Promise<undefined> = Promise.resolve(undefined);
