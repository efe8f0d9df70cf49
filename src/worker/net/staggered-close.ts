/**
 * Starts the shutdown of a worker's connections one after the other. After
 * that, the next request of a client comes on a new connection: without gaps
 * all of them would reach a new worker whose code has not run yet.
 */

/** Longer than a cold worker needs for a connection and its request. */
const GAP_MS = 8;
/** With many connections, several are closed per step to finish by then. */
const MAX_DURATION_MS = 500;

export interface StaggeredCloseOptions<Connection> {
  /** Time within which the last one is closed; 0 closes all at once. */
  readonly withinMs: number;
  readonly isOpen: (connection: Connection) => boolean;
  readonly close: (connection: Connection) => void;
}

export class StaggeredClose<Connection> {
  readonly #options: StaggeredCloseOptions<Connection>;
  readonly #remaining: Iterator<Connection>;
  readonly #batchSize: number;
  #timer: NodeJS.Timeout | undefined;

  /** Closes the first batch now. */
  constructor(
    connections: readonly Connection[],
    options: StaggeredCloseOptions<Connection>,
  ) {
    const steps = Math.min(options.withinMs, MAX_DURATION_MS) / GAP_MS;
    this.#options = options;
    this.#remaining = connections.values();
    this.#batchSize = Math.ceil(connections.length / Math.max(1, steps));
    if (this.#closeBatch()) {
      this.#timer = setInterval(() => {
        if (!this.#closeBatch()) this.stop();
      }, GAP_MS);
    }
  }

  /** Closes no further connections. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** @returns whether there may be more */
  #closeBatch(): boolean {
    const { isOpen, close } = this.#options;
    let closed = 0;
    while (closed < this.#batchSize) {
      const { done, value } = this.#remaining.next();
      if (done) return false;
      if (!isOpen(value)) continue;
      close(value);
      closed++;
    }
    return this.#batchSize > 0;
  }
}
