/**
 * Sets the deadline of a connection for the next step of the client or of the
 * handler. Runs per request: moving a deadline to later costs nothing.
 */
import type { Clock } from "../../shared/clock.ts";
import type { Transport } from "../net/protocol.ts";
import type { BodyWatch } from "./body/body-watch.ts";
import type { ConnectionLimits } from "./connection-context.ts";

const NEVER = Number.POSITIVE_INFINITY;

export class Deadlines {
  readonly #transport: Transport;
  readonly #limits: ConnectionLimits;
  readonly #clock: Clock;
  /** Set once the worker drains. */
  #lingerMs: number | undefined = undefined;

  constructor(transport: Transport, limits: ConnectionLimits, clock: Clock) {
    this.#transport = transport;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** From now on bounds the time of an idle connection. */
  linger(lingerMs: number): void {
    this.#lingerMs = lingerMs;
  }

  awaitRequest(now = this.#clock.now()): void {
    const { keepAliveTimeoutMs } = this.#limits;
    const idleMs = Math.min(this.#lingerMs ?? NEVER, keepAliveTimeoutMs);
    this.#transport.deadlineAt = now + idleMs;
  }

  awaitHead(): void {
    const { headTimeoutMs } = this.#limits;
    this.#transport.deadlineAt = this.#clock.now() + headTimeoutMs;
  }

  awaitBody(watch: BodyWatch): void {
    this.#transport.deadlineAt = watch.deadlineAt(this.#clock.now());
  }

  /** @param handlerTimeoutMs 0 disables the limit */
  awaitHandler(handlerTimeoutMs = this.#limits.handlerTimeoutMs): void {
    const timeoutMs = handlerTimeoutMs || NEVER;
    this.#transport.deadlineAt = this.#clock.now() + timeoutMs;
  }

  /** For the rest of a body that is dropped. */
  awaitUnreadBody(now: number): void {
    this.#transport.deadlineAt = now + this.#limits.bodyTimeoutMs;
  }

  awaitNothing(): void {
    this.#transport.deadlineAt = NEVER;
  }
}
