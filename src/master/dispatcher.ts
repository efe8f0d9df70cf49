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
 * Runs per connection.
 */
import { type Clock, monotonicClock } from "../shared/clock.ts";
import type { MasterMessage, RawHandle } from "../shared/ipc-messages.ts";
import { warmthAt } from "./slow-start.ts";

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

export type DropReason = "queue_full" | "stopped" | "accept_failed";

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

interface Seat {
  readonly recipient: Recipient;
  /** Connections that were sent and not acknowledged, oldest first. */
  readonly unacknowledged: Map<number, Connection>;
  readonly readyAt: number;
  readonly slowStartMs: number;
  openConnections: number;
  isOpen: boolean;
  /** Of the connection that it was given last; 0 before the first. */
  lastConnectionId: number;
}

/** A worker that turns acknowledges within its event loop's delay. */
const PROMPT_MS = 250;

/** Takes a connection; false where nobody does. */
type Others = (handle: RawHandle, listener: number) => boolean;

export class Dispatcher {
  readonly #maxWaiting: number;
  readonly #clock: Clock;
  readonly #seats = new Map<number, Seat>();
  #waiting: Connection[] = [];
  /** Once it is closed: whom connections go to that no worker here takes. */
  #others: Others | undefined;
  /** From then on every worker is warm. */
  #allWarmAt = 0;
  #nextId = 1;
  #accepted = 0;
  #redispatched = 0;
  readonly #dropped = { queue_full: 0, stopped: 0, accept_failed: 0 };

  /** @param maxWaiting connections that are kept while no worker is ready */
  constructor(maxWaiting: number, clock: Clock = monotonicClock) {
    this.#maxWaiting = maxWaiting;
    this.#clock = clock;
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
    this.#place(connectionOf(handle, listener));
  }

  /** Another master had accepted it, and counted it. */
  adopt(handle: RawHandle, listener: number): void {
    this.#place(connectionOf(handle, listener));
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
    seat.openConnections++; // until it says how many there are
    // Ours is a copy: closing it does not end the connection.
    connection.handle.close();
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

  #give(connection: Connection, seat: Seat): void {
    const id = this.#nextId++;
    connection.sentAt = this.#clock.now();
    connection.isLate = !seat.isOpen;
    const { handle, listener, isLate } = connection;
    seat.unacknowledged.set(id, connection);
    seat.lastConnectionId = id;
    seat.recipient.send({ type: "connection", id, listener, isLate }, handle);
  }

  /** Of those that are prompt; where none is, of all. */
  #leastBusy({ mayDrain = false } = {}): Seat | undefined {
    const now = this.#clock.now();
    const weighed = this.#isAnyToBeSpared(now) ? pressureAt(now) : load;
    let best: Seat | undefined;
    let isBestPrompt = false;
    for (const seat of this.#seats.values()) {
      if (!seat.isOpen && !mayDrain) continue;
      const isSeatPrompt = isPrompt(seat, now);
      if (isBestPrompt && !isSeatPrompt) continue;
      const isRival = best && isBestPrompt === isSeatPrompt;
      if (isRival && !isBefore(seat, best as Seat, weighed)) continue;
      best = seat;
      isBestPrompt = isSeatPrompt;
    }
    return best;
  }

  /** Where all are fresh, as at the start of the server, none is. */
  #isAnyToBeSpared(now: number): boolean {
    if (now >= this.#allWarmAt) return false;
    return [...this.#seats.values()].some((seat) => {
      return seat.isOpen && warmthOf(seat, now) === 1;
    });
  }

  #drop({ handle }: Connection, reason: DropReason): void {
    this.#dropped[reason]++;
    handle.close();
  }
}

function connectionOf(handle: RawHandle, listener: number): Connection {
  return { handle: handle as Closable, listener, sentAt: 0, isLate: false };
}

/** Whether nothing waits for its acknowledgement for long. */
function isPrompt({ unacknowledged }: Seat, now: number): boolean {
  if (unacknowledged.size === 0) return true;
  const [oldest] = unacknowledged.values();
  return oldest === undefined || now - oldest.sentAt < PROMPT_MS;
}

type Weigh = (seat: Seat) => number;

/** Among equals the one whose last turn was first. */
function isBefore(one: Seat, other: Seat, weigh: Weigh): boolean {
  const difference = weigh(one) - weigh(other);
  if (difference !== 0) return difference < 0;
  return one.lastConnectionId < other.lastConnectionId;
}

function load({ openConnections, unacknowledged }: Seat): number {
  return openConnections + unacknowledged.size;
}

/** What it would have with one more, as if it were warm. */
function pressureAt(now: number): Weigh {
  return (seat) => (load(seat) + 1) / warmthOf(seat, now);
}

function warmthOf({ readyAt, slowStartMs }: Seat, now: number): number {
  return warmthAt(now - readyAt, slowStartMs);
}
