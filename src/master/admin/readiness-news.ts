import type { MasterMessage } from "../../shared/ipc-messages.ts";
import { NOT_STARTED, type Readiness } from "../../shared/readiness.ts";

/** The workers that are told. */
interface Audience {
  readonly workers: readonly {
    readonly isGreeted: boolean;
    send(message: MasterMessage): void;
  }[];
}

/**
 * Tells the workers how the server stands, each time that it changes. Those
 * that start are told `current` as they boot.
 */
export class ReadinessNews {
  readonly #pool: Audience;
  #current: Readiness = NOT_STARTED;

  constructor(pool: Audience) {
    this.#pool = pool;
  }

  get current(): Readiness {
    return this.#current;
  }

  update(readiness: Readiness): void {
    if (isSame(readiness, this.#current)) return;
    this.#current = readiness;
    for (const worker of this.#pool.workers) {
      if (worker.isGreeted) worker.send({ type: "readiness", readiness });
    }
  }
}

function isSame(one: Readiness, other: Readiness): boolean {
  return (
    one.isReady === other.isReady &&
    one.why === other.why &&
    one.isClosing === other.isClosing
  );
}
