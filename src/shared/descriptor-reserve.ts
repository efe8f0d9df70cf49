/**
 * The descriptors that connections leave to everything else: to the admin port,
 * the control socket, forks, logs and upgrades in the master, to the app's own
 * files and sockets in a worker.
 *
 * The system gives a new descriptor the lowest number that is free. So a
 * connection whose number is in the reserve says that all numbers below it are
 * taken, whatever has taken them; it is closed at once, and the reserve is as
 * large as before. Nothing has to be counted.
 *
 * Runs per connection.
 */
import type { RawHandle } from "./ipc-messages.ts";
import { descriptorOf } from "./node-internals/connection-handle.ts";

const MIN_RESERVE = 256;
const MAX_RESERVE = 1_024;
const MIN_SHARE = 4;
/** Descriptors that a worker has open without an app, and some for an app. */
const USUALLY_OPEN = 32;
/**
 * Connections over the limit that still get an answer, as a share of
 * `maxConnections`: see `shedLoad`.
 */
const SURPLUS_SHARE = 1 / 8;

export class DescriptorReserve {
  /** Descriptor limit of the process; Infinity if there is none. */
  readonly limit: number;
  readonly #first: number;

  constructor(limit: number) {
    this.limit = limit;
    this.#first = limit - this.size;
  }

  /** An eighth, within bounds; of a small limit at most a half. */
  get size(): number {
    const { limit } = this;
    if (limit === Number.POSITIVE_INFINITY) return 0;
    const wanted = Math.max(MIN_RESERVE, Math.floor(limit / 8));
    return Math.min(wanted, MAX_RESERVE, Math.floor(limit / 2));
  }

  /** Fields that explain a shortage of descriptors in a log line. */
  get logFields() {
    return { descriptorLimit: this.limit, reservedDescriptors: this.size };
  }

  /** Descriptors of the reserve that one of its uses may take. */
  share(part: number): number {
    if (this.limit === Number.POSITIVE_INFINITY) return MAX_RESERVE * part;
    return Math.max(MIN_SHARE, Math.floor(this.size * part));
  }

  /** Whether a new connection's descriptor is one of the reserve. */
  has(handle: RawHandle): boolean {
    if (this.limit === Number.POSITIVE_INFINITY) return false;
    const fd = descriptorOf(handle);
    return fd !== undefined && fd >= this.#first;
  }

  /**
   * How many connections a worker may serve so that those that are too many
   * can be told so; 0, which means any number, where there is no limit.
   */
  get maxConnections(): number {
    if (this.limit === Number.POSITIVE_INFINITY) return 0;
    const room = this.#first - USUALLY_OPEN;
    return Math.max(1, Math.floor(room / (1 + SURPLUS_SHARE)));
  }
}
