/**
 * Tells connections one after the other that their worker leaves. The client of
 * one that knows connects anew with its next request: all of them at once would
 * be a crowd in front of a worker whose code has not run yet.
 */

/** Longer than what even a cold worker needs for a connection and its request. */
const GAP_MS = 8;
/** Where there are many, several are told at a time. */
const LAST_AFTER_MS = 500;

export interface FarewellOptions<Connection> {
  /** The last one is told within it; 0 for all at once. */
  readonly withinMs: number;
  readonly isOpen: (connection: Connection) => boolean;
  readonly tell: (connection: Connection) => void;
}

export class Farewell<Connection> {
  readonly #options: FarewellOptions<Connection>;
  readonly #untold: Iterator<Connection>;
  readonly #batch: number;
  #timer: NodeJS.Timeout | undefined;

  /** Tells the first one now. */
  constructor(
    connections: readonly Connection[],
    options: FarewellOptions<Connection>,
  ) {
    const steps = Math.min(options.withinMs, LAST_AFTER_MS) / GAP_MS;
    this.#options = options;
    this.#untold = connections.values();
    this.#batch = Math.ceil(connections.length / Math.max(1, steps));
    if (this.#tellSome()) {
      this.#timer = setInterval(() => {
        if (!this.#tellSome()) this.stop();
      }, GAP_MS);
    }
  }

  /** Nobody else is told. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether there may be more. */
  #tellSome(): boolean {
    const { isOpen, tell } = this.#options;
    let told = 0;
    while (told < this.#batch) {
      const { done, value } = this.#untold.next();
      if (done) return false;
      if (!isOpen(value)) continue;
      tell(value);
      told++;
    }
    return this.#batch > 0;
  }
}
