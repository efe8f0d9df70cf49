import { existsSync, readdirSync, readFileSync } from "node:fs";
import { markOf } from "./process-mark.ts";
import {
  type ProcessStat,
  parseProcessStat,
  parseResidentBytes,
  TICKS_PER_SECOND,
} from "./process-stat.ts";

/** What a process and all that come from it have used. */
export interface TreeUsage {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** Pages that processes share count in each of them. */
  readonly residentBytes: number;
}

export interface TreeUsageOptions {
  /** Whether the root's own part is none of it. Default: no. */
  readonly omitsRoot?: boolean | undefined;
}

/** So often it is read anew where processes came or went meanwhile. */
const MOST_READINGS = 5;

const hasProc = existsSync("/proc/self/stat");

/**
 * The process, its live descendants, and all with its mark and theirs; without
 * `/proc` itself alone.
 *
 * @param root undefined where it has left
 * @param mark default: that of the root
 */
export function treePids(
  root: number | undefined,
  mark = root === undefined ? undefined : markOf(root),
): number[] {
  const stats = allStats();
  const pids = new Set(root === undefined ? [] : [root]);
  if (mark !== undefined) {
    for (const [pid] of stats) if (markOf(pid) === mark) pids.add(pid);
  }
  // The set grows while it is walked: children of children follow.
  for (const pid of pids) {
    for (const [child, { parentPid }] of stats) {
      if (parentPid === pid) pids.add(child);
    }
  }
  return [...pids];
}

/**
 * Those that have ended count with the parent that has waited for them.
 *
 * @returns undefined where the system does not say
 */
export function treeUsage(
  root: number,
  { omitsRoot = false }: TreeUsageOptions = {},
): TreeUsage | undefined {
  if (!hasProc) return undefined;
  const pidsNow = () => {
    return treePids(root).filter((pid) => !omitsRoot || pid !== root);
  };
  let pids = pidsNow();
  for (let reading = 1; ; reading++) {
    const usage = sumOf(pids);
    const after = pidsNow();
    // Who ends between two files is in both of them, or in none.
    const isStill = String(after) === String(pids);
    if (isStill || reading === MOST_READINGS) return usage;
    pids = after;
  }
}

function sumOf(pids: readonly number[]): TreeUsage {
  let userTicks = 0;
  let systemTicks = 0;
  let residentBytes = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    userTicks += stat?.userTicks ?? 0;
    systemTicks += stat?.systemTicks ?? 0;
    residentBytes += parseResidentBytes(read(pid, "status") ?? "");
  }
  return {
    userSeconds: userTicks / TICKS_PER_SECOND,
    systemSeconds: systemTicks / TICKS_PER_SECOND,
    residentBytes,
  };
}

function allStats(): ReadonlyMap<number, ProcessStat> {
  const stats = new Map<number, ProcessStat>();
  if (!hasProc) return stats;
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? statOf(pid) : undefined;
    if (stat) stats.set(pid, stat);
  }
  return stats;
}

function statOf(pid: number): ProcessStat | undefined {
  const text = read(pid, "stat");
  return text === undefined ? undefined : parseProcessStat(text);
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined; // it has left meanwhile
  }
}
