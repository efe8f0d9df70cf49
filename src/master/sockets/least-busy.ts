/**
 * Selects the worker for the next connection: the one with the fewest
 * connections among those that accept promptly.
 *
 * Slow start: a worker that has just become ready has empty caches and code
 * that has not run yet. Its share of new connections grows from a tenth of a
 * warm worker's to the whole.
 *
 * Runs per connection.
 */
/** The view of a worker that the selection needs. */
export interface Seat {
  /** Connections that were sent and not acknowledged, oldest first. */
  readonly unacknowledged: ReadonlyMap<number, { readonly sentAt: number }>;
  readonly readyAt: number;
  readonly slowStartMs: number;
  readonly openConnections: number;
  readonly isOpen: boolean;
  /** Id of the last connection sent to this worker; 0 before the first. */
  readonly lastConnectionId: number;
  /** Time at which the worker last had no descriptor for a connection. */
  readonly refusedAt: number;
  /** Numbers of the listeners that it serves; undefined for all. */
  readonly listeners?: ReadonlySet<number> | undefined;
}

export interface Candidates<AnySeat extends Seat> {
  readonly seats: ReadonlyMap<number, AnySeat>;
  /** Number of the listener of the connection. */
  readonly listener: number;
  readonly now: number;
  /** Time at which the last worker becomes warm. */
  readonly allWarmAt: number;
  /** Whether a draining worker is better than none. */
  readonly mayDrain?: boolean;
}

/** A worker that does not hang acknowledges within its event loop's delay. */
const PROMPT_MS = 250;
/** After a refusal, other workers are preferred for this time. */
const REFUSING_MS = 1_000;

/** Initial share of a new worker: with none it would never warm up. */
const LEAST_WARMTH = 0.1;

/** Prefers workers that acknowledge promptly and refused nothing recently. */
export function leastBusy<AnySeat extends Seat>({
  seats,
  listener,
  now,
  allWarmAt,
  mayDrain = false,
}: Candidates<AnySeat>): AnySeat | undefined {
  const isAnySpared = now < allWarmAt && isAnyWarm(seats, now);
  const weighed = isAnySpared ? pressureAt(now) : load;
  let best: AnySeat | undefined;
  let isBestPrompt = false;
  for (const seat of seats.values()) {
    if (!seat.isOpen && !mayDrain) continue;
    if (seat.listeners?.has(listener) === false) continue;
    const isSeatPrompt = isPrompt(seat, now) && !isRefusing(seat, now);
    if (isBestPrompt && !isSeatPrompt) continue;
    const isRival = best && isBestPrompt === isSeatPrompt;
    if (isRival && !isBefore(seat, best as Seat, weighed)) continue;
    best = seat;
    isBestPrompt = isSeatPrompt;
  }
  return best;
}

/** Whether the worker had no descriptor for a connection recently. */
export function isRefusing({ refusedAt }: Seat, now: number): boolean {
  return now - refusedAt < REFUSING_MS;
}

/** If no worker is warm, as at the start of the server, slow start is off. */
function isAnyWarm(seats: ReadonlyMap<number, Seat>, now: number): boolean {
  for (const seat of seats.values()) {
    if (seat.isOpen && warmthOf(seat, now) === 1) return true;
  }
  return false;
}

/** Whether the oldest unacknowledged connection is recent. */
function isPrompt({ unacknowledged }: Seat, now: number): boolean {
  if (unacknowledged.size === 0) return true;
  const [oldest] = unacknowledged.values();
  return oldest === undefined || now - oldest.sentAt < PROMPT_MS;
}

type Weigh = (seat: Seat) => number;

/** Among workers with equal load, prefers the one that has waited longest. */
function isBefore(one: Seat, other: Seat, weigh: Weigh): boolean {
  const difference = weigh(one) - weigh(other);
  if (difference !== 0) return difference < 0;
  return one.lastConnectionId < other.lastConnectionId;
}

function load({ openConnections, unacknowledged }: Seat): number {
  return openConnections + unacknowledged.size;
}

/** Load after one more connection, scaled by warm-up. */
function pressureAt(now: number): Weigh {
  return (seat) => (load(seat) + 1) / warmthOf(seat, now);
}

function warmthOf({ readyAt, slowStartMs }: Seat, now: number): number {
  return warmthAt(now - readyAt, slowStartMs);
}

/** Share of a worker that became ready `ageMs` ago; 1 once it is warm. */
export function warmthAt(ageMs: number, slowStartMs: number): number {
  if (ageMs >= slowStartMs) return 1;
  return Math.max(LEAST_WARMTH, ageMs / slowStartMs);
}
