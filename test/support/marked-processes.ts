import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface MarkedProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Forked by node:cluster. */
  readonly isWorker: boolean;
}

/** The variable that marks a process and all that descend from it. */
export const MARK_VARIABLE = "TEST_DAEMON_MARK";

/** Without /proc (which is Linux) no process is ever found. */
export const canFindProcesses = existsSync("/proc/self/environ");

/**
 * The live processes whose environment has the mark. It is inherited, so an
 * orphan is found too, which a walk along the parents would miss.
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
    // A zombie's environment is empty: it has left.
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    const variables = environment.split("\0");
    if (!variables.includes(`${MARK_VARIABLE}=${mark}`)) return undefined;
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // "pid (name) state ppid …", and a name may have blanks and brackets.
    const [, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const isWorker = variables.some((v) => v.startsWith("NODE_UNIQUE_ID="));
    return { pid, parentPid: Number(parentPid), isWorker };
  } catch {
    // It left meanwhile, or belongs to another user.
    return undefined;
  }
}
