/** How a command ended, for scripts and supervisors. */
export const exitCode = {
  done: 0,
  failed: 1,
  /** Wrong usage or settings: the command did not begin. */
  notBegun: 2,
  noDaemon: 3,
} as const;
