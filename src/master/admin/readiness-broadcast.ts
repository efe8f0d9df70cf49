import type { MasterMessage } from "../../shared/ipc-messages.ts";
import { NOT_STARTED, type Readiness } from "../../shared/readiness.ts";

interface Recipients {
  readonly workers: readonly {
    readonly isGreeted: boolean;
    send(message: MasterMessage): void;
  }[];
}

/**
 * Sends each change of the server's readiness to all workers. A worker that
 * boots later receives `current` with its boot message.
 */
export class ReadinessBroadcast {
  readonly #pool: Recipients;
  #current: Readiness = NOT_STARTED;

  constructor(pool: Recipients) {
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
