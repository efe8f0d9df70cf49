/** Facts that Linux shows about a process, even one that hangs. */
import { readdirSync, readFileSync } from "node:fs";
import type { Logger } from "../../shared/logging/logger.ts";

export interface ProcessFacts {
  /** "R (running)", "T (stopped)", "D (disk sleep)" and others. */
  readonly state: string | undefined;
  readonly threads: number | undefined;
  readonly residentMemory: string | undefined;
  /** In the kernel's clock ticks, 100 a second. */
  readonly cpuTicks: number | undefined;
  /** The kernel function in which it sleeps. */
  readonly kernelFunction: string | undefined;
}

/** Fields are undefined if the system does not show them. */
export function processFacts(pid: number): ProcessFacts {
  const status = read(`/proc/${pid}/status`);
  const field = (name: string) => {
    return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1];
  };
  const threads = field("Threads");
  const kernelFunction = read(`/proc/${pid}/wchan`);
  return {
    state: field("State"),
    threads: threads === undefined ? undefined : Number(threads),
    residentMemory: field("VmRSS"),
    cpuTicks: cpuTicksOf(pid),
    kernelFunction: kernelFunction.length > 1 ? kernelFunction : undefined,
  };
}

/** Fields of `/proc/<pid>/stat`. Times are in clock ticks, 100 a second. */
export interface ProcessStat {
  readonly state: string | undefined;
  readonly parentPid: number;
  readonly cpuTicks: number;
  /** Time from the start of the machine. */
  readonly startTicks: number;
}

/** @throws Error if there is no such process, or the system is not Linux */
export function processStat(pid: number | string): ProcessStat {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // "pid (name) state ppid …": the name may contain spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    state: fields[0],
    parentPid: Number(fields[1]),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    startTicks: Number(fields[19]),
  };
}

function cpuTicksOf(pid: number): number | undefined {
  try {
    return processStat(pid).cpuTicks;
  } catch {
    return undefined;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // not on Linux, or the process is gone
  }
}

const INTERVAL_MS = 5_000;

/**
 * Warns about zombies. As the first process of a container, the master becomes
 * the parent of the processes that a worker leaves behind. Node does not wait
 * for them, so they stay as zombies when they end, and each keeps a pid. The
 * master can only log that.
 *
 * @returns a function that ends the watch
 */
export function watchForZombies(logger: Logger): () => void {
  // Any other process is not the parent of orphans.
  if (process.pid !== 1) return () => {};
  let before = new Set<string>();
  const timer = setInterval(() => {
    const now = zombiesOf(process.pid);
    // A worker that has just died is a zombie for a moment.
    const stayed = now.filter((pid) => before.has(pid));
    before = new Set(now);
    if (stayed.length === 0) return;
    clearInterval(timer);
    const zombies = stayed.length;
    logger.warn({ zombies }, "zombies stay: the container needs an init");
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

function zombiesOf(parent: number): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      const { state, parentPid } = processStat(pid);
      return state === "Z" && parentPid === parent;
    } catch {
      return false; // the process has just ended
    }
  });
}
