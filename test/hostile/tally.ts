/** Actions and results of a hostile client. */
export interface Tally {
  /** Connections that were opened. */
  opened: number;
  /** Connections that could not be opened. */
  refused: number;
  /** Requests that were started, as reported by the kind. */
  requests: number;
  bytesSent: number;
  /** Answers by status. */
  readonly statuses: Record<number, number>;
  /** Connections that the server ended, by FIN or by reset. */
  fins: number;
  resets: number;
  /** Open connections now, and their peak. */
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
