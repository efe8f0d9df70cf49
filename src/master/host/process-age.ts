/**
 * Pids are used again: a process that began after a pidfile was written is not
 * the one that wrote it.
 */
import fs from "node:fs";

/** The unit of times in /proc, whatever the kernel's own clock is. */
const TICKS_PER_SECOND = 100;
/** Clocks are set, and files have coarse times. */
const TOLERANCE_SECONDS = 2;

/** True as well where it cannot be known, as on other systems than Linux. */
export function isOlderThanFile(pid: number, file: string): boolean {
  try {
    const uptime = Number.parseFloat(fs.readFileSync("/proc/uptime", "utf8"));
    const began = startOf(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
    const processAge = uptime - began;
    const fileAge = (Date.now() - fs.statSync(file).mtimeMs) / 1_000;
    return !(processAge < fileAge - TOLERANCE_SECONDS);
  } catch {
    return true;
  }
}

/** In seconds since the machine was started. */
function startOf(stat: string): number {
  // "pid (name) state ppid …": a name may have blanks and brackets.
  const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(afterName[19]) / TICKS_PER_SECOND;
}
