import type { MasterMessage } from "../shared/ipc-messages.ts";
import { NOT_STARTED, type Standing } from "../shared/standing.ts";

interface Listener {
  readonly hasSaidHello: boolean;
  send(message: MasterMessage): void;
}

/**
 * Tells the workers how the server stands, each time that it changes. Those
 * that start are told `current` as they boot.
 */
export class StandingNews {
  readonly #workers: () => readonly Listener[];
  #current: Standing = NOT_STARTED;

  constructor(workers: () => readonly Listener[]) {
    this.#workers = workers;
  }

  get current(): Standing {
    return this.#current;
  }

  update(standing: Standing): void {
    if (isSame(standing, this.#current)) return;
    this.#current = standing;
    for (const worker of this.#workers()) {
      if (worker.hasSaidHello) worker.send({ type: "standing", standing });
    }
  }
}

function isSame(one: Standing, other: Standing): boolean {
  return (
    one.isReady === other.isReady &&
    one.why === other.why &&
    one.isClosing === other.isClosing
  );
}
