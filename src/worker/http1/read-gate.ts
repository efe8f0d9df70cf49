import type { Clock } from "../../shared/clock.ts";
import type { Transport } from "../net/protocol.ts";
import type { BodyWatch } from "./body/body-watch.ts";

/**
 * Stops and goes on reading. While we do not read, a client cannot send its
 * body, so its time does not run.
 */
export class ReadGate {
  readonly #transport: Transport;
  readonly #clock: Clock;
  #isClosed = false;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @param watch of the body that is coming in, if one is */
  close(watch?: BodyWatch): void {
    watch?.pause(this.#clock.now());
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transport.pauseReading();
  }

  open(watch?: BodyWatch): void {
    watch?.resume(this.#clock.now());
    if (!this.#isClosed) return;
    this.#isClosed = false;
    this.#transport.resumeReading();
  }
}
