/**
 * Descriptors that connections must not use. In the master they are reserved
 * for the admin port, the control socket, forks, logs and upgrades; in a
 * worker, for the app's files and sockets.
 *
 * The system gives a new descriptor the lowest free number. If a connection
 * gets a number in the reserve, all lower numbers are in use. The connection
 * is closed at once, so the reserve stays free, and no count is necessary.
 *
 * Runs per connection.
 */
import type { RawHandle } from "./ipc-messages.ts";
import { descriptorOf } from "./node-internals/connection-handle.ts";

const MIN_RESERVE = 256;
const MAX_RESERVE = 1_024;
const MIN_SHARE = 4;
/** Open descriptors of a worker without connections, with some for its app. */
const USUALLY_OPEN = 32;
/**
 * Surplus connections that still get a response, as a share of
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

  /** An eighth of the limit, within bounds; at most half of a small limit. */
  get size(): number {
    const { limit } = this;
    if (limit === Number.POSITIVE_INFINITY) return 0;
    const wanted = Math.max(MIN_RESERVE, Math.floor(limit / 8));
    return Math.min(wanted, MAX_RESERVE, Math.floor(limit / 2));
  }

  /** Fields for log lines about a shortage of descriptors. */
  get logFields() {
    return { descriptorLimit: this.limit, reservedDescriptors: this.size };
  }

  /** Returns the number of descriptors in a part of the reserve. */
  share(part: number): number {
    if (this.limit === Number.POSITIVE_INFINITY) return MAX_RESERVE * part;
    return Math.max(MIN_SHARE, Math.floor(this.size * part));
  }

  /** Whether the descriptor of a new connection is in the reserve. */
  has(handle: RawHandle): boolean {
    if (this.limit === Number.POSITIVE_INFINITY) return false;
    const fd = descriptorOf(handle);
    return fd !== undefined && fd >= this.#first;
  }

  /**
   * Limit on the connections of a worker that leaves descriptors to answer
   * surplus connections. 0, which disables it, if there is no descriptor limit.
   */
  get maxConnections(): number {
    if (this.limit === Number.POSITIVE_INFINITY) return 0;
    const room = this.#first - USUALLY_OPEN;
    return Math.max(1, Math.floor(room / (1 + SURPLUS_SHARE)));
  }
}
