import { randomBytes } from "node:crypto";
import { TICKET_KEY_BYTES } from "../../shared/files/tls-files.ts";

/** RFC 9325 §3.4: keys should change at least once a week. */
const LIFE_MS = 24 * 60 * 60 * 1000;

/**
 * The keys of TLS session tickets. All workers use the same keys, so that a
 * client can resume its session with any worker, even after a reload.
 */
export class TicketKeys {
  #current: string;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param onRenewed called once a day; tickets of older keys become invalid
   * @param keys keys of the outgoing master, for which clients hold tickets
   */
  constructor(onRenewed: (keys: string) => void, keys = newKeys()) {
    this.#current = keys;
    this.#timer = setInterval(() => {
      this.#current = newKeys();
      onRenewed(this.#current);
    }, LIFE_MS);
  }

  /** As base64. */
  get current(): string {
    return this.#current;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function newKeys(): string {
  return randomBytes(TICKET_KEY_BYTES).toString("base64");
}
