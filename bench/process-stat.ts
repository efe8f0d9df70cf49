/** What `/proc/PID/stat` says, as far as it is wanted (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly parentPid: number;
  /** In its own code: all threads, and children it has waited for. */
  readonly userTicks: number;
  /** The same in the kernel. */
  readonly systemTicks: number;
}

/** The kernel's USER_HZ: the same on every machine that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** @param text "pid (name) state ppid …", and a name may have blanks */
export function parseProcessStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // The third field of the page, the state, is the first one here.
  const field = (number: number) => Number(fields[number - 3]);
  return {
    parentPid: field(4),
    userTicks: field(14) + field(16),
    systemTicks: field(15) + field(17),
  };
}

/** Resident bytes by `/proc/PID/status`; 0 for a process that has left. */
export function parseResidentBytes(text: string): number {
  const [, kibibytes = 0] = /^VmRSS:\s*(\d+) kB/m.exec(text) ?? [];
  return Number(kibibytes) * 1024;
}

/**
 * Bytes that are this process's alone and were written to, by
 * `/proc/PID/smaps_rollup`; 0 for a process that has left.
 */
export function parsePrivateDirtyBytes(text: string): number {
  const [, kibibytes = 0] = /^Private_Dirty:\s*(\d+) kB/m.exec(text) ?? [];
  return Number(kibibytes) * 1024;
}
