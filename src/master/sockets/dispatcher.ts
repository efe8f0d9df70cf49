/**
 * Sends each accepted connection to the ready worker with the fewest
 * connections, over all listeners. The worker acknowledges a connection before
 * it reads from it. Until then the master keeps the connection, and sends it to
 * another worker if that one dies. An acknowledged connection is never sent
 * again, because its request may have begun.
 *
 * A worker that does not acknowledge promptly may hang, so it gets no more
 * connections while other workers are available. It keeps those it has, because
 * it may recover and answer them.
 *
 * Connections that cannot be served are closed at once and counted: those over
 * the limits, those that use a descriptor of the reserve, and those for which
 * no worker has a descriptor.
 *
 * Runs per connection.
 */
import { type Clock, monotonicClock } from "../../shared/clock.ts";
import type { DescriptorReserve } from "../../shared/descriptor-reserve.ts";
import type {
  BegunConnection,
  MasterMessage,
  RawHandle,
} from "../../shared/ipc-messages.ts";
import type { DropLog } from "../../shared/logging/drop-log.ts";
import { Counters } from "../../shared/metrics/counters.ts";
import { isRefusing, leastBusy, type Seat } from "./least-busy.ts";

/** A worker, as the dispatcher sees it. */
export interface Recipient {
  readonly id: number;
  send(message: MasterMessage, handle: RawHandle): void;
}

export type DropReason =
  /** The number of waiting or unacknowledged connections is at its limit. */
  | "queue_full"
  /** The server or the listener stops, and no further worker starts. */
  | "stopped"
  | "accept_failed"
  /** Its descriptor belongs to the reserve. */
  | "descriptors"
  /** No worker had a descriptor for it. */
  | "worker_refused";

export interface DispatcherOptions {
  /** Connections that wait until a worker is ready. */
  readonly maxWaiting: number;
  /** Connections that workers have not acknowledged; by default unlimited. */
  readonly maxUnacknowledged?: number;
  readonly counters?: Counters;
  readonly clock?: Clock;
  readonly reserve?: DescriptorReserve;
  readonly dropLog?: Pick<DropLog<DropReason>, "onDropped">;
  /** A worker was given a connection whose request names this session. */
  readonly onSessionGiven?: (session: string, workerId: number) => void;
}

type Closable = RawHandle & { close(): void };

interface Connection {
  readonly handle: Closable;
  /** What a worker has read from it, for the session of its next request. */
  readonly begun?: BegunConnection | undefined;
  /** Number of its listener. */
  readonly listener: number;
  /** Time at which it was sent to its current worker. */
  sentAt: number;
  /** Whether that worker drains, and may exit before it arrives. */
  isLate: boolean;
}

interface WorkerSeat extends Seat {
  readonly recipient: Recipient;
  readonly unacknowledged: Map<number, Connection>;
  openConnections: number;
  isOpen: boolean;
  lastConnectionId: number;
  refusedAt: number;
}

/** Passes a connection to another master; returns false if there is none. */
type Fallback = (handle: RawHandle, listener: number) => boolean;

/**
 * Closed listeners that are remembered, for connections that come back from a
 * worker that has died: these are seconds old at most.
 */
const MAX_CLOSED = 10_000;

export class Dispatcher {
  readonly counters: Counters;
  readonly #options: DispatcherOptions;
  readonly #clock: Clock;
  readonly #seats = new Map<number, WorkerSeat>();
  #waiting: Connection[] = [];
  readonly #closedListeners = new Set<number>();
  /** After `close()`: takes connections that no worker of this master takes. */
  #fallback: Fallback | undefined;
  /** Time at which the last worker becomes warm. */
  #allWarmAt = 0;
  #nextId = 1;
  #unacknowledged = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.counters = options.counters ?? new Counters();
    this.#clock = options.clock ?? monotonicClock;
  }

  /** Connections that wait until a worker is ready. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Handles a new client connection. */
  offer(handle: RawHandle, listener: number): void {
    this.counters.add("acceptedConnections");
    this.#admit(connectionOf(handle, listener));
  }

  /** Takes a connection that another master has accepted and counted. */
  adopt(handle: RawHandle, listener: number): void {
    this.#admit(connectionOf(handle, listener));
  }

  /**
   * Takes a connection from which a worker has read. Only workers of this
   * master can go on with it.
   *
   * @param wanted ids of workers, the best first; another one if they are gone
   */
  handOver(
    handle: RawHandle,
    listener: number,
    begun: BegunConnection,
    wanted: readonly number[],
  ): void {
    const connection = { ...connectionOf(handle, listener), begun };
    const seats = wanted.map((id) => this.#seats.get(id));
    const seat = seats.find((each) => each && serves(each, listener));
    if (seat) this.#give(connection, seat);
    else this.#place(connection);
  }

  /** Counts a client that could not be accepted. */
  countFailedAccept(): void {
    this.counters.count("connectionsDropped", "accept_failed");
  }

  /**
   * Adds a ready worker.
   *
   * @param slowStartMs time until it gets as many connections as others
   * @param listeners numbers of those it serves, kept up to date; default: all
   */
  join(
    recipient: Recipient,
    slowStartMs = 0,
    listeners?: ReadonlySet<number>,
  ): void {
    const readyAt = this.#clock.now();
    this.#allWarmAt = Math.max(this.#allWarmAt, readyAt + slowStartMs);
    this.#seats.set(recipient.id, {
      recipient,
      readyAt,
      slowStartMs,
      unacknowledged: new Map(),
      openConnections: 0,
      isOpen: true,
      lastConnectionId: 0,
      refusedAt: Number.NEGATIVE_INFINITY,
      listeners,
    });
    this.placeWaiting();
  }

  /** Call it when a worker serves one more listener. */
  placeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connection of waiting) this.#place(connection);
  }

  /** Drops the connections of a listener that no worker will serve. */
  closeListener(listener: number): void {
    this.#closedListeners.add(listener);
    if (this.#closedListeners.size > MAX_CLOSED) {
      const [oldest] = this.#closedListeners;
      if (oldest !== undefined) this.#closedListeners.delete(oldest);
    }
    this.placeWaiting();
  }

  /** Sends no more connections to the worker; those in transit stay there. */
  leave(recipient: Recipient): void {
    const seat = this.#seats.get(recipient.id);
    if (seat) seat.isOpen = false;
  }

  /** Sends connections to the worker again, after `leave()`. */
  rejoin(recipient: Recipient): void {
    const seat = this.#seats.get(recipient.id);
    if (!seat) return;
    seat.isOpen = true;
    this.placeWaiting();
  }

  /**
   * Handles the arrival of a connection at the worker, which acknowledges it.
   */
  onArrived(recipient: Recipient, id: number): void {
    const seat = this.#seats.get(recipient.id);
    const isLate = seat?.unacknowledged.get(id)?.isLate;
    if (!isLate) this.onAccepted(recipient, id);
  }

  /** Handles the worker's acknowledgement of a connection. */
  onAccepted(recipient: Recipient, id: number): void {
    const seat = this.#seats.get(recipient.id);
    const connection = seat?.unacknowledged.get(id);
    if (!seat || !connection) return;
    seat.unacknowledged.delete(id);
    this.#unacknowledged--;
    seat.openConnections++; // until the worker reports its number
    // This handle is a copy: closing it does not end the connection.
    connection.handle.close();
  }

  /** Handles a connection for which the worker had no descriptor. */
  onRefused(recipient: Recipient, id: number): void {
    const seat = this.#seats.get(recipient.id);
    const connection = seat?.unacknowledged.get(id);
    if (!seat || !connection) return;
    seat.unacknowledged.delete(id);
    this.#unacknowledged--;
    const now = this.#clock.now();
    seat.refusedAt = now;
    const other = this.#leastBusy(connection);
    if (other && !isRefusing(other, now)) {
      this.counters.add("redispatched");
      this.#give(connection, other);
    } else if (!this.#passOn(connection)) {
      this.#drop(connection, "worker_refused");
    }
  }

  onOpenConnections(recipient: Recipient, openConnections: number): void {
    const seat = this.#seats.get(recipient.id);
    if (seat) seat.openConnections = openConnections;
  }

  /** Redistributes the unacknowledged connections of a dead worker. */
  onGone(recipient: Recipient): void {
    const seat = this.#seats.get(recipient.id);
    if (!seat) return;
    this.#seats.delete(recipient.id);
    this.#unacknowledged -= seat.unacknowledged.size;
    for (const connection of seat.unacknowledged.values()) {
      this.counters.add("redispatched");
      this.#place(connection);
    }
  }

  /**
   * Call it when no further worker will become ready. Waiting connections, and
   * those that a dying worker has not acknowledged, go to the fallback or are
   * dropped.
   */
  close(fallback: Fallback = () => false): void {
    this.#fallback = fallback;
    this.placeWaiting();
  }

  #admit(connection: Connection): void {
    const { reserve, maxUnacknowledged = Number.POSITIVE_INFINITY } =
      this.#options;
    if (reserve?.has(connection.handle)) this.#drop(connection, "descriptors");
    else if (this.#unacknowledged >= maxUnacknowledged)
      this.#drop(connection, "queue_full");
    else this.#place(connection);
  }

  #place(connection: Connection): void {
    const seat = this.#leastBusy(connection);
    if (seat) {
      this.#give(connection, seat);
    } else if (this.#closedListeners.has(connection.listener)) {
      this.#drop(connection, "stopped");
    } else if (this.#fallback) {
      this.#placeElsewhere(connection);
    } else if (this.#waiting.length >= this.#options.maxWaiting) {
      this.#drop(connection, "queue_full");
    } else {
      this.#waiting.push(connection);
    }
  }

  /** Without a fallback, a draining worker is better than none. */
  #placeElsewhere(connection: Connection): void {
    if (this.#passOn(connection)) return;
    const seat = this.#leastBusy(connection, { mayDrain: true });
    if (seat) this.#give(connection, seat);
    else this.#drop(connection, "stopped");
  }

  /** Passes a connection on that nobody has read from. */
  #passOn({ handle, listener, begun }: Connection): boolean {
    return !begun && this.#fallback?.(handle, listener) === true;
  }

  #give(connection: Connection, seat: WorkerSeat): void {
    const id = this.#nextId++;
    connection.sentAt = this.#clock.now();
    connection.isLate = !seat.isOpen;
    const { handle, listener, isLate, begun } = connection;
    seat.unacknowledged.set(id, connection);
    this.#unacknowledged++;
    seat.lastConnectionId = id;
    const message = { type: "connection", id, listener, isLate } as const;
    seat.recipient.send(begun ? { ...message, begun } : message, handle);
    if (begun?.mayOwn) {
      this.#options.onSessionGiven?.(begun.session, seat.recipient.id);
    }
  }

  #leastBusy(
    { listener }: Connection,
    { mayDrain = false } = {},
  ): WorkerSeat | undefined {
    return leastBusy({
      seats: this.#seats,
      listener,
      now: this.#clock.now(),
      allWarmAt: this.#allWarmAt,
      mayDrain,
    });
  }

  #drop({ handle }: Connection, reason: DropReason): void {
    this.counters.count("connectionsDropped", reason);
    handle.close();
    // While the server stops, drops are expected.
    if (reason === "stopped") return;
    const { dropLog, reserve } = this.#options;
    dropLog?.onDropped(reason, () => reserve?.logFields ?? {});
  }
}

function serves({ listeners }: WorkerSeat, listener: number): boolean {
  return listeners?.has(listener) !== false;
}

function connectionOf(handle: RawHandle, listener: number): Connection {
  return { handle: handle as Closable, listener, sentAt: 0, isLate: false };
}
