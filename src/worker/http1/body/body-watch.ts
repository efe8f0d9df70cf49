import {
  type TransitionTable,
  transition,
} from "../../../shared/state-machine.ts";

/**
 * The slowest body that is accepted: never silent for `bodyTimeoutMs`, and
 * after that time at least `minBodyBytesPerSecond` on average (slow POST).
 */
export interface BodyPace {
  readonly bodyTimeoutMs: number;
  readonly minBodyBytesPerSecond: number;
}

/**
 *   arriving    | the client sends, and its time runs
 *   awaiting100 | the client waits for "100 Continue" (RFC 9110 §10.1.1)
 *   paused      | the server does not read
 */
type State = "arriving" | "awaiting100" | "paused";

const TRANSITIONS: TransitionTable<State> = {
  arriving: ["awaiting100", "paused"],
  awaiting100: ["paused"],
  paused: ["arriving"],
};

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Checks the pace of a body. Time in which the client waits for the server does
 * not count.
 */
export class BodyWatch {
  readonly #pace: BodyPace;
  #state: State = "arriving";
  #receivedBytes = 0;
  /** The start, shifted by the time that did not count. */
  #startedAt: number;
  #stoppedAt = 0;

  constructor(pace: BodyPace, now: number) {
    this.#pace = pace;
    this.#startedAt = now;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get isArriving(): boolean {
    return this.#state === "arriving";
  }

  get isAwaiting100(): boolean {
    return this.#state === "awaiting100";
  }

  /** @returns whether the body is fast enough on average */
  onBytes(bytes: number, now: number): boolean {
    this.#receivedBytes += bytes;
    // A client that sends its body does not wait for a 100.
    if (bytes > 0) this.endAwaiting100();
    const { bodyTimeoutMs, minBodyBytesPerSecond } = this.#pace;
    const until = this.isArriving ? now : this.#stoppedAt;
    const elapsedMs = until - this.#startedAt;
    if (elapsedMs <= bodyTimeoutMs) return true;
    return this.#receivedBytes * 1000 >= minBodyBytesPerSecond * elapsedMs;
  }

  /** The client waits for a 100, unless the body has come with the head. */
  await100(now: number): void {
    if (this.#receivedBytes === 0) this.#stop("awaiting100", now);
  }

  /** A 100 was sent, or will not be sent. */
  endAwaiting100(): void {
    if (this.isAwaiting100) this.#move("paused");
  }

  pause(now: number): void {
    if (this.isArriving) this.#stop("paused", now);
  }

  resume(now: number): void {
    if (this.#state !== "paused") return;
    this.#move("arriving");
    this.#startedAt += now - this.#stoppedAt;
  }

  /** By when more must have come. */
  deadlineAt(now: number): number {
    return this.isArriving ? now + this.#pace.bodyTimeoutMs : NEVER;
  }

  #stop(to: State, now: number): void {
    this.#move(to);
    this.#stoppedAt = now;
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }
}
