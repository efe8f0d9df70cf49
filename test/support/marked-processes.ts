import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface MarkedProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Forked by node:cluster. */
  readonly isWorker: boolean;
}

/** Environment variable that marks a process and its descendants. */
export const MARK_VARIABLE = "TEST_DAEMON_MARK";

/** False without /proc (Linux only): then no process is found. */
export const canFindProcesses = existsSync("/proc/self/environ");

/**
 * The live processes whose environment has the mark. Children inherit it, so
 * orphans are found too, unlike in a walk along the parents.
 */
export function markedProcesses(mark: string): MarkedProcess[] {
  if (!canFindProcesses) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name), mark))
    .filter((found) => found !== undefined);
}

function readProcess(pid: number, mark: string): MarkedProcess | undefined {
  try {
    // A zombie's environment is empty, so exited processes are skipped.
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    const variables = environment.split("\0");
    if (!variables.includes(`${MARK_VARIABLE}=${mark}`)) return undefined;
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // "pid (name) state ppid …"; the name may contain blanks and brackets.
    const [, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const isWorker = variables.some((v) => v.startsWith("NODE_UNIQUE_ID="));
    return { pid, parentPid: Number(parentPid), isWorker };
  } catch {
    // The process has exited, or belongs to another user.
    return undefined;
  }
}
