/**
 * Messages between the master and the watchdog of a worker. They use a separate
 * channel, because the channel of the main thread is silent while it is stuck.
 */

/** The worker's end, the next descriptor after the IPC channel of Node.js. */
export const WATCHDOG_FD = 4;

/** The request of the master; the answer is a line of JSON. */
export const ASK_FOR_STACKS = "stacks\n";

export interface StackAnswer {
  /**
   * Samples of the main thread's stack. Each has its innermost frame first;
   * frames have the form "name (file:line:column)".
   */
  readonly stacks: readonly (readonly string[])[];
}
