import type { Peer } from "./peer.ts";
import type { Tally } from "./tally.ts";

/** Connections of a hostile client with the same behavior. */
export interface Group {
  readonly connections: number;
  /** Maximum; a connection that the server ended is replaced by a new one. */
  readonly opensPerSecond: number;
  /** Total of all connections, which take turns. */
  readonly turnsPerSecond: number;
  /** Default true. */
  readonly isReading?: boolean;
  onOpen?(peer: Peer): void;
  onTurn?(peer: Peer): void;
}

/** Facts after an attack. */
export interface Aftermath {
  readonly tally: Tally;
  /** Growth of `server_parse_errors_total`, by reason. */
  readonly parseErrors: Readonly<Record<string, number>>;
}

export interface Check {
  readonly what: string;
  readonly isMet: boolean;
  readonly found: string;
}

/** A kind of hostile client. */
export interface HostileKind {
  readonly name: string;
  /** Its actions and rates. */
  readonly summary: string;
  /** Settings and parts of the server that limit it. */
  readonly boundBy: string;
  /** Server memory allowed per connection; a comment explains the value. */
  readonly bytesPerConnection: number;
  /** @param scale factor for connections and rates; 1 for a whole attack */
  groups(scale: number): readonly Group[];
  /** Whether the server defended itself as documented. */
  defence(after: Aftermath): readonly Check[];
}

/** Scales a count; the result is at least 1. */
export function scaled(count: number, scale: number): number {
  return Math.max(1, Math.round(count * scale));
}

export function check(
  what: string,
  isMet: boolean,
  found: string | number,
): Check {
  return { what, isMet, found: String(found) };
}

/** Checks that all were refused with the status and counted for the reason. */
export function refusals(
  { tally, parseErrors }: Aftermath,
  status: number,
  reason: string,
): Check {
  const seen = tally.statuses[status] ?? 0;
  const counted = parseErrors[reason] ?? 0;
  const found = `${seen} seen, ${counted} counted`;
  return check(`${status} for ${reason}`, seen > 0 && counted >= seen, found);
}
