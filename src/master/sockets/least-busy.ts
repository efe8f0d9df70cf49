/**
 * Which worker gets the next connection: the one that has the fewest, of those
 * that take what they are given. Runs per connection.
 */
import { warmthAt } from "./slow-start.ts";

/** A worker, as far as it matters here. */
export interface Seat {
  /** Connections that were sent and not acknowledged, oldest first. */
  readonly unacknowledged: ReadonlyMap<number, { readonly sentAt: number }>;
  readonly readyAt: number;
  readonly slowStartMs: number;
  readonly openConnections: number;
  readonly isOpen: boolean;
  /** Id of the last connection sent to this worker; 0 before the first. */
  readonly lastConnectionId: number;
  /** When it had no descriptor for a connection. */
  readonly refusedAt: number;
}

export interface Candidates<AnySeat extends Seat> {
  readonly seats: ReadonlyMap<number, AnySeat>;
  readonly now: number;
  /** From then on every worker is warm. */
  readonly allWarmAt: number;
  /** Whether one that drains is better than none. */
  readonly mayDrain?: boolean;
}

/** A worker that turns acknowledges within its event loop's delay. */
const PROMPT_MS = 250;
/** Others are asked first for so long. */
const REFUSING_MS = 1_000;

/** Prefers workers that acknowledge promptly and refused nothing recently. */
export function leastBusy<AnySeat extends Seat>({
  seats,
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
    const isSeatPrompt = isPrompt(seat, now) && !isRefusing(seat, now);
    if (isBestPrompt && !isSeatPrompt) continue;
    const isRival = best && isBestPrompt === isSeatPrompt;
    if (isRival && !isBefore(seat, best as Seat, weighed)) continue;
    best = seat;
    isBestPrompt = isSeatPrompt;
  }
  return best;
}

/** Whether it had no descriptor for a connection a moment ago. */
export function isRefusing({ refusedAt }: Seat, now: number): boolean {
  return now - refusedAt < REFUSING_MS;
}

/** Where all are fresh, as at the start of the server, none is. */
function isAnyWarm(seats: ReadonlyMap<number, Seat>, now: number): boolean {
  for (const seat of seats.values()) {
    if (seat.isOpen && warmthOf(seat, now) === 1) return true;
  }
  return false;
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

/** Load after one more connection, scaled by warm-up. */
function pressureAt(now: number): Weigh {
  return (seat) => (load(seat) + 1) / warmthOf(seat, now);
}

function warmthOf({ readyAt, slowStartMs }: Seat, now: number): number {
  return warmthAt(now - readyAt, slowStartMs);
}
