/**
 * Variables by which a child process finds its IPC channel and its cluster. A
 * process that gets them without the channel fails to start.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents
 * `NODE_CHANNEL_FD` alone, for children that are not Node processes.
 */
export const CHANNEL_VARIABLES: readonly string[] = [
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NODE_UNIQUE_ID",
];
