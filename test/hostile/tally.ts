/** What a hostile client did, and what it met. */
export interface Tally {
  /** Connections that were opened. */
  opened: number;
  /** Connections that could not be opened. */
  refused: number;
  /** Requests that were begun, as far as the kind says. */
  requests: number;
  bytesSent: number;
  /** Answers by status. */
  readonly statuses: Record<number, number>;
  /** Connections that the server ended, and how. */
  fins: number;
  resets: number;
  /** Open now, and the most at a time. */
  open: number;
  peakOpen: number;
}

export function newTally(): Tally {
  return {
    opened: 0,
    refused: 0,
    requests: 0,
    bytesSent: 0,
    statuses: {},
    fins: 0,
    resets: 0,
    open: 0,
    peakOpen: 0,
  };
}
