/**
 * Says in the log that connections are closed unserved: once when that begins,
 * and once when it has not happened for a while, with how many there were.
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

  /** @param logger asked for when there is something to say */
  constructor(clock: Clock, logger: () => Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** @param facts what helps to find out why; read if the line is written */
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
