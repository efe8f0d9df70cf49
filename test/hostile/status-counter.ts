import type { Tally } from "./tally.ts";

const STATUS = /HTTP\/1\.1 (\d{3})/g;
const MARK_BYTES = "HTTP/1.1 200".length;

/** Counts the status lines received on one connection. */
export class StatusCounter {
  readonly #statuses: Tally["statuses"];
  /** The last bytes, as a status line may be split anywhere. */
  #tail = "";
  #count = 0;

  constructor(statuses: Tally["statuses"]) {
    this.#statuses = statuses;
  }

  /** Number of status lines. */
  get count(): number {
    return this.#count;
  }

  onData(chunk: Buffer): void {
    const text = this.#tail + chunk.toString("latin1");
    for (const [, digits] of text.matchAll(STATUS)) {
      const status = Number(digits);
      this.#count++;
      this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    }
    // Shorter than a match, so that none is counted twice.
    this.#tail = text.slice(1 - MARK_BYTES);
  }
}
