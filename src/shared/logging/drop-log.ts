/**
 * Logs that connections are closed unserved: one line when it begins, and one
 * with their number after none was closed for a while.
 */
import type { Clock } from "../clock.ts";
import type { Logger } from "./logger.ts";

const QUIET_MS = 5_000;

export class DropLog<Reason extends string> {
  readonly #clock: Clock;
  readonly #logger: () => Logger;
  readonly #counts = new Map<Reason, number>();
  #lastAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param logger called when a line is due; the logger may change */
  constructor(clock: Clock, logger: () => Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** @param facts fields that help to find the cause; called per line */
  onDropped(reason: Reason, facts: () => object): void {
    this.#lastAt = this.#clock.now();
    const before = this.#counts.get(reason);
    this.#counts.set(reason, (before ?? 0) + 1);
    if (before !== undefined) return;
    const text = "connections are closed unserved";
    this.#logger().error({ reason, ...facts() }, text);
    this.#timer ??= this.#wait(QUIET_MS);
  }

  #wait(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#onTimer(), ms).unref();
  }

  #onTimer(): void {
    const leftMs = this.#lastAt + QUIET_MS - this.#clock.now();
    if (leftMs > 0) {
      this.#timer = this.#wait(leftMs);
      return;
    }
    this.#timer = undefined;
    const closed = Object.fromEntries(this.#counts);
    this.#counts.clear();
    this.#logger().info({ closed }, "connections are served again");
  }
}
