import type { PhaseTable } from "./phase-table.ts";

/**
 * The phases of a request and its response.
 *
 *   phase     | meaning                             | next
 *   handling  | the handler runs                    | all others
 *   streaming | the response body is sent           | receiving, draining, over
 *   receiving | the response is sent; the handler   | draining, over
 *             | still reads the request body        |
 *   draining  | the response is sent; the rest of   | over
 *             | the request body is read and dropped|
 *   upgraded  | the socket belongs to the handler   | over
 *   over      | complete, refused or aborted        |
 */
export const ExchangePhase = {
  Handling: 1,
  Streaming: 2,
  Receiving: 4,
  Draining: 8,
  Upgraded: 16,
  Over: 32,
} as const;

export type ExchangePhase = (typeof ExchangePhase)[keyof typeof ExchangePhase];

const { Handling, Streaming, Receiving, Draining, Upgraded, Over } =
  ExchangePhase;

export const EXCHANGE_PHASES: PhaseTable<ExchangePhase> = {
  names: {
    [Handling]: "handling",
    [Streaming]: "streaming",
    [Receiving]: "receiving",
    [Draining]: "draining",
    [Upgraded]: "upgraded",
    [Over]: "over",
  },
  next: {
    [Handling]: Streaming | Receiving | Draining | Upgraded | Over,
    [Streaming]: Receiving | Draining | Over,
    [Receiving]: Draining | Over,
    [Draining]: Over,
    [Upgraded]: Over,
    [Over]: 0,
  },
};
