/** Longest recording: a CPU profile of it takes about 30 MB. */
export const MAX_RECORDING_SECONDS = 300;

/** Longest time for which an inspector stays open. */
export const MAX_INSPECTOR_SECONDS = 3_600;
