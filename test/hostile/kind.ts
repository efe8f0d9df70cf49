import type { Peer } from "./peer.ts";
import type { Tally } from "./tally.ts";

/** Connections of a hostile client that all do the same. */
export interface Group {
  readonly connections: number;
  /** At most; one that the server ended is replaced by a new one. */
  readonly opensPerSecond: number;
  /** Of all of them together; they take turns. */
  readonly turnsPerSecond: number;
  /** Default true. */
  readonly isReading?: boolean;
  onOpen?(peer: Peer): void;
  onTurn?(peer: Peer): void;
}

/** What is known after an attack. */
export interface Aftermath {
  readonly tally: Tally;
  /** By how much `server_parse_errors_total` grew, by reason. */
  readonly parseErrors: Readonly<Record<string, number>>;
}

export interface Check {
  readonly what: string;
  readonly isMet: boolean;
  readonly found: string;
}

/** A way to be a hostile client. */
export interface HostileKind {
  readonly name: string;
  /** What it does, and with which rates. */
  readonly summary: string;
  /** What bounds it: settings, and parts of the server. */
  readonly boundBy: string;
  /** What the server may take for each of its connections, and why. */
  readonly bytesPerConnection: number;
  /** @param scale 1 for a whole attack; of connections and rates */
  groups(scale: number): readonly Group[];
  /** Whether the server defended itself as documented. */
  defence(after: Aftermath): readonly Check[];
}

/** So many of something, but at least one. */
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

/** All that were refused with that status, and counted for that reason. */
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
