/**
 * Requests that only some handlers take. Asked for each such request; others
 * are refused with 501 or 417.
 */
export interface AcceptedRequests {
  /** Whether there is anybody to tunnel for CONNECT. */
  connect(): boolean;
  /** Whether there is anybody who knows other values of `Expect`. */
  expectation(): boolean;
}

export const NOTHING_MORE: AcceptedRequests = {
  connect: () => false,
  expectation: () => false,
};
