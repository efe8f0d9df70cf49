/**
 * Gives each accepted connection to the ready worker that has the fewest, from
 * whichever listeners its own are. When it has come there is acknowledged, and
 * it is read only later; until then the connection is ours, and goes to another
 * worker if that one dies. Once acknowledged it is never given again: its
 * request may have begun.
 *
 * A worker that lets one wait gets no more while there are others: it may hang.
 * What it has is not taken from it, as it may still wake up and answer. One
 * that has just become ready gets fewer than the others, where the settings say
 * so, as long as another one is warm: none waits because of it.
 *
 * Connections that nobody can take are closed at once and counted: those whose
 * descriptors the master keeps for itself, those over the bound on what it
 * holds, and those that no worker had a descriptor for.
 *
 * Runs per connection.
 */
import { type Clock, monotonicClock } from "../../shared/clock.ts";
import type { DescriptorReserve } from "../../shared/descriptor-reserve.ts";
import type { MasterMessage, RawHandle } from "../../shared/ipc-messages.ts";
import { isRefusing, leastBusy, type Seat } from "./least-busy.ts";

/** A worker, as far as connections are concerned. */
export interface Recipient {
  readonly id: number;
  send(message: MasterMessage, handle: RawHandle): void;
}

export interface DispatcherCounts {
  readonly accepted: number;
  readonly redispatched: number;
  /** By reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly waiting: number;
}

export type DropReason =
  /** Too many wait for a worker to take them. */
  | "queue_full"
  /** No worker comes any more. */
  | "stopped"
  | "accept_failed"
  /** Its descriptor was one of the reserve. */
  | "descriptors"
  /** No worker had a descriptor for it. */
  | "worker_refused";

/** Limits on the connections that the master holds; none by default. */
export interface DispatcherBounds {
  /** Connections that workers have not acknowledged. */
  readonly maxUnacknowledged?: number;
  readonly reserve?: DescriptorReserve;
  readonly onDropped?: (reason: DropReason) => void;
}

type Closable = RawHandle & { close(): void };

interface Connection {
  readonly handle: Closable;
  /** The place of the listener that it came by. */
  readonly listener: number;
  /** When it was given to the worker that it is with. */
  sentAt: number;
  /** Whether that one drains, and may have left before it comes. */
  isLate: boolean;
}

interface OwnSeat extends Seat {
  readonly recipient: Recipient;
  readonly unacknowledged: Map<number, Connection>;
  openConnections: number;
  isOpen: boolean;
  lastConnectionId: number;
  refusedAt: number;
}

/** Takes a connection; false where nobody does. */
type Others = (handle: RawHandle, listener: number) => boolean;

export class Dispatcher {
  readonly #maxWaiting: number;
  readonly #clock: Clock;
  readonly #bounds: DispatcherBounds;
  readonly #seats = new Map<number, OwnSeat>();
  #waiting: Connection[] = [];
  /** Once it is closed: whom connections go to that no worker here takes. */
  #others: Others | undefined;
  /** From then on every worker is warm. */
  #allWarmAt = 0;
  #nextId = 1;
  #unacknowledged = 0;
  #accepted = 0;
  #redispatched = 0;
  readonly #dropped = {
    queue_full: 0,
    stopped: 0,
    accept_failed: 0,
    descriptors: 0,
    worker_refused: 0,
  };

  /** @param maxWaiting connections that are kept while no worker is ready */
  constructor(
    maxWaiting: number,
    clock: Clock = monotonicClock,
    bounds: DispatcherBounds = {},
  ) {
    this.#maxWaiting = maxWaiting;
    this.#clock = clock;
    this.#bounds = bounds;
  }

  get counts(): DispatcherCounts {
    return {
      accepted: this.#accepted,
      redispatched: this.#redispatched,
      dropped: { ...this.#dropped },
      waiting: this.#waiting.length,
    };
  }

  /** A client has connected. */
  offer(handle: RawHandle, listener: number): void {
    this.#accepted++;
    this.#admit(connectionOf(handle, listener));
  }

  /** Another master had accepted it, and counted it. */
  adopt(handle: RawHandle, listener: number): void {
    this.#admit(connectionOf(handle, listener));
  }

  /** A client could not be accepted. */
  countFailedAccept(): void {
    this.#dropped.accept_failed++;
  }

  /**
   * The worker is ready.
   *
   * @param slowStartMs until it gets as many connections as others
   */
  join(recipient: Recipient, slowStartMs = 0): void {
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
    });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connection of waiting) this.#place(connection);
  }

  /** The worker gets no more; what is on its way to it stays there. */
  leave(recipient: Recipient): void {
    const seat = this.#seats.get(recipient.id);
    if (seat) seat.isOpen = false;
  }

  /** A connection has come to the worker, which takes it if it may stay. */
  onArrived(recipient: Recipient, id: number): void {
    const seat = this.#seats.get(recipient.id);
    const isLate = seat?.unacknowledged.get(id)?.isLate;
    if (!isLate) this.onAccepted(recipient, id);
  }

  /** The worker has taken a connection over. */
  onAccepted(recipient: Recipient, id: number): void {
    const seat = this.#seats.get(recipient.id);
    const connection = seat?.unacknowledged.get(id);
    if (!seat || !connection) return;
    seat.unacknowledged.delete(id);
    this.#unacknowledged--;
    seat.openConnections++; // until it says how many there are
    // Ours is a copy: closing it does not end the connection.
    connection.handle.close();
  }

  /** The worker had no descriptor for it: it goes to one that may have. */
  onRefused(recipient: Recipient, id: number): void {
    const seat = this.#seats.get(recipient.id);
    const connection = seat?.unacknowledged.get(id);
    if (!seat || !connection) return;
    seat.unacknowledged.delete(id);
    this.#unacknowledged--;
    const now = this.#clock.now();
    seat.refusedAt = now;
    const other = this.#leastBusy();
    if (other && !isRefusing(other, now)) {
      this.#redispatched++;
      this.#give(connection, other);
    } else if (!this.#others?.(connection.handle, connection.listener)) {
      this.#drop(connection, "worker_refused");
    }
  }

  onOpenConnections(recipient: Recipient, openConnections: number): void {
    const seat = this.#seats.get(recipient.id);
    if (seat) seat.openConnections = openConnections;
  }

  /** The worker is dead: what it had not acknowledged goes to others. */
  onGone(recipient: Recipient): void {
    const seat = this.#seats.get(recipient.id);
    if (!seat) return;
    this.#seats.delete(recipient.id);
    this.#unacknowledged -= seat.unacknowledged.size;
    for (const connection of seat.unacknowledged.values()) {
      this.#redispatched++;
      this.#place(connection);
    }
  }

  /**
   * No worker will come. What waits for one, and what one that dies had not
   * taken, is dropped, unless there is somebody else who takes it.
   */
  close(others: Others = () => false): void {
    this.#others = others;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) this.#place(each);
  }

  #admit(connection: Connection): void {
    const { reserve, maxUnacknowledged = Number.POSITIVE_INFINITY } =
      this.#bounds;
    if (reserve?.has(connection.handle)) this.#drop(connection, "descriptors");
    else if (this.#unacknowledged >= maxUnacknowledged)
      this.#drop(connection, "queue_full");
    else this.#place(connection);
  }

  #place(connection: Connection): void {
    const seat = this.#leastBusy();
    if (seat) {
      this.#give(connection, seat);
    } else if (this.#others) {
      this.#placeElsewhere(connection, this.#others);
    } else if (this.#waiting.length >= this.#maxWaiting) {
      this.#drop(connection, "queue_full");
    } else {
      this.#waiting.push(connection);
    }
  }

  /** Where no worker comes any more, one that drains is better than none. */
  #placeElsewhere(connection: Connection, others: Others): void {
    const { handle, listener } = connection;
    if (others(handle, listener)) return;
    const seat = this.#leastBusy({ mayDrain: true });
    if (seat) this.#give(connection, seat);
    else this.#drop(connection, "stopped");
  }

  #give(connection: Connection, seat: OwnSeat): void {
    const id = this.#nextId++;
    connection.sentAt = this.#clock.now();
    connection.isLate = !seat.isOpen;
    const { handle, listener, isLate } = connection;
    seat.unacknowledged.set(id, connection);
    this.#unacknowledged++;
    seat.lastConnectionId = id;
    seat.recipient.send({ type: "connection", id, listener, isLate }, handle);
  }

  #leastBusy({ mayDrain = false } = {}): OwnSeat | undefined {
    return leastBusy({
      seats: this.#seats,
      now: this.#clock.now(),
      allWarmAt: this.#allWarmAt,
      mayDrain,
    });
  }

  #drop({ handle }: Connection, reason: DropReason): void {
    this.#dropped[reason]++;
    handle.close();
    this.#bounds.onDropped?.(reason);
  }
}

function connectionOf(handle: RawHandle, listener: number): Connection {
  return { handle: handle as Closable, listener, sentAt: 0, isLate: false };
}
