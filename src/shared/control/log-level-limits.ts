/** How long another level of the log may be in force, in milliseconds. */
export const MIN_LEVEL_MS = 1_000;
export const MAX_LEVEL_MS = 24 * 60 * 60 * 1_000;
export const DEFAULT_LEVEL_MS = 10 * 60 * 1_000;

/** Stands for the level of the settings. */
export const RESET_LEVEL = "reset";
