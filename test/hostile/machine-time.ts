import os from "node:os";

/** Of all cores since the system's start: milliseconds that they were busy. */
export function busyMs(): number {
  return os.cpus().reduce((sum, { times }) => {
    return sum + times.user + times.nice + times.sys + times.irq;
  }, 0);
}
