import os from "node:os";

/** Busy time of all cores since the system started, in milliseconds. */
export function busyMs(): number {
  return os.cpus().reduce((sum, { times }) => {
    return sum + times.user + times.nice + times.sys + times.irq;
  }, 0);
}
