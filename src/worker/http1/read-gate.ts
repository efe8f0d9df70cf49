import type { Clock } from "../../shared/clock.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
import type { Transport } from "../net/protocol.ts";
import type { BodyWatch } from "./body/body-watch.ts";

type State = "open" | "closed";

const TRANSITIONS: TransitionTable<State> = {
  open: ["closed"],
  closed: ["open"],
};

/**
 * Pauses and resumes reading. The time of a body does not run while reading is
 * paused, because its client cannot send.
 */
export class ReadGate {
  readonly #transport: Transport;
  readonly #clock: Clock;
  #state: State = "open";

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** @param watch of the body that is being received */
  close(watch?: BodyWatch): void {
    watch?.pause(this.#clock.now());
    if (this.isClosed) return;
    this.#state = transition(TRANSITIONS, this.#state, "closed");
    this.#transport.pauseReading();
  }

  /** @param watch of the body that is being received */
  open(watch?: BodyWatch): void {
    watch?.resume(this.#clock.now());
    if (!this.isClosed) return;
    this.#state = transition(TRANSITIONS, this.#state, "open");
    this.#transport.resumeReading();
  }
}
