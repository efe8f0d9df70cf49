import { randomBytes } from "node:crypto";
import { TICKET_KEY_BYTES } from "../../shared/tls-files.ts";

/** RFC 9325 §3.4 wants them changed at least once a week. */
const LIFE_MS = 24 * 60 * 60 * 1000;

/**
 * The keys of TLS session tickets. All workers have the same, so that a client
 * resumes its session with any of them, also after a reload.
 */
export class TicketKeys {
  #current: string;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param onRenewed called once a day: older tickets are void then
   * @param keys those of the master before, with which clients come back
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
