import type { PhaseTable } from "./phase-table.ts";

/**
 * The phases of a connection.
 *
 *   phase    | meaning                                | next
 *   idle     | waits for a request                    | head, exchange, closed
 *   head     | a head has begun and is incomplete     | exchange, closed
 *   exchange | a request is handled: `ExchangePhase`  | idle, closed
 *   closed   | nothing is read or sent                |
 */
export const ConnectionPhase = {
  Idle: 1,
  Head: 2,
  Exchange: 4,
  Closed: 8,
} as const;

export type ConnectionPhase =
  (typeof ConnectionPhase)[keyof typeof ConnectionPhase];

const { Idle, Head, Exchange, Closed } = ConnectionPhase;

export const CONNECTION_PHASES: PhaseTable<ConnectionPhase> = {
  names: {
    [Idle]: "idle",
    [Head]: "head",
    [Exchange]: "exchange",
    [Closed]: "closed",
  },
  next: {
    [Idle]: Head | Exchange | Closed,
    [Head]: Exchange | Closed,
    [Exchange]: Idle | Closed,
    [Closed]: 0,
  },
};
