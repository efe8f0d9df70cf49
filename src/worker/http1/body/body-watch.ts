/**
 * Whether a body comes fast enough. Two rules: never silent for
 * `bodyTimeoutMs`, and after that long on average at least
 * `minBodyBytesPerSecond` (slow POST). Time in which the server itself held
 * the client back does not count.
 */
export interface BodyPace {
  readonly bodyTimeoutMs: number;
  readonly minBodyBytesPerSecond: number;
}

const NEVER = Number.POSITIVE_INFINITY;

export class BodyWatch {
  readonly #pace: BodyPace;
  #receivedBytes = 0;
  /** When the counting would have begun without the pauses. */
  #startedAt: number;
  #pausedAt: number | undefined = undefined;

  constructor(pace: BodyPace, now: number) {
    this.#pace = pace;
    this.#startedAt = now;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Whether the client is held back. */
  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** Counts bytes; false where they came too slowly on the whole. */
  onBytes(bytes: number, now: number): boolean {
    this.#receivedBytes += bytes;
    const { bodyTimeoutMs, minBodyBytesPerSecond } = this.#pace;
    const elapsedMs = (this.#pausedAt ?? now) - this.#startedAt;
    if (elapsedMs <= bodyTimeoutMs) return true;
    return this.#receivedBytes * 1000 >= minBodyBytesPerSecond * elapsedMs;
  }

  pause(now: number): void {
    this.#pausedAt ??= now;
  }

  resume(now: number): void {
    if (this.#pausedAt === undefined) return;
    this.#startedAt += now - this.#pausedAt;
    this.#pausedAt = undefined;
  }

  /** By when more must have come. */
  deadlineAt(now: number): number {
    if (this.#pausedAt !== undefined) return NEVER;
    return now + this.#pace.bodyTimeoutMs;
  }
}
