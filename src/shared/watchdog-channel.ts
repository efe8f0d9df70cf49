/**
 * What the master and the watchdog of a worker say to each other, over a
 * channel of their own: that of the main thread is silent while it is stuck.
 */

/** The worker's end, right after the channel of `node:child_process`. */
export const WATCHDOG_FD = 4;

/** The master's question; the answer is a line of JSON. */
export const ASK_FOR_STACKS = "stacks\n";

export interface StackAnswer {
  /**
   * What the main thread was at, looked at several times: innermost frame
   * first, as "name (file:line:column)".
   */
  readonly stacks: readonly (readonly string[])[];
}
