/**
 * Detects a client that has stopped reading. The kernel's count of sent bytes
 * shows progress within one large write, which a "drain" event does not.
 */
import type { Socket } from "node:net";
import { sentBytesOf } from "../../shared/node-internals/connection-handle.ts";

/** Number of checks for progress within the timeout. */
const CHECKS = 16;

export class WriteTimeout {
  readonly #wire: Socket;
  readonly #timeoutMs: number;
  #nextCheckAt: number | undefined = undefined;
  /** The client must read something before this time. */
  #expiresAt = 0;
  /** Sent bytes when the time began. */
  #sentBytes = 0;

  constructor(wire: Socket, timeoutMs: number) {
    this.#wire = wire;
    this.#timeoutMs = timeoutMs;
  }

  /** Undefined while the timeout is not armed. */
  get nextCheckAt(): number | undefined {
    return this.#nextCheckAt;
  }

  arm(now: number): void {
    this.#sentBytes = sentBytesOf(this.#wire);
    this.#expiresAt = now + this.#timeoutMs;
    this.#scheduleCheck(now);
  }

  disarm(): void {
    this.#nextCheckAt = undefined;
  }

  /** Looks for progress. @returns whether the time is over */
  check(now: number): boolean {
    // A client that has read since is slow, but present.
    if (sentBytesOf(this.#wire) > this.#sentBytes) this.arm(now);
    else if (now >= this.#expiresAt) return true;
    else this.#scheduleCheck(now);
    return false;
  }

  /** The timeout counts from the last read, so reads are noticed soon. */
  #scheduleCheck(now: number): void {
    const checkAt = now + this.#timeoutMs / CHECKS;
    this.#nextCheckAt = Math.min(checkAt, this.#expiresAt);
  }
}
