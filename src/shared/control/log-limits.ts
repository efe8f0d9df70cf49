/** How many recent lines are sent, by default and at most. */
export const DEFAULT_LOG_LINES = 100;
export const MAX_LOG_LINES = 10_000;
