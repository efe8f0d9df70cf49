import { existsSync, readdirSync, readFileSync } from "node:fs";
import {
  type ProcessStat,
  parseProcessStat,
  parseResidentBytes,
  TICKS_PER_SECOND,
} from "./process-stat.ts";

/** What a process and all that descend from it have used. */
export interface TreeUsage {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** Pages that processes share count in each of them. */
  readonly residentBytes: number;
}

const hasProc = existsSync("/proc/self/stat");

/** The process and its live descendants; without `/proc` itself alone. */
export function treePids(root: number): number[] {
  const parents = new Map<number, number>();
  for (const [pid, stat] of allStats()) parents.set(pid, stat.parentPid);
  const pids = [root];
  // The list grows while it is walked: children of children follow.
  for (const pid of pids) {
    for (const [child, parent] of parents) {
      if (parent === pid) pids.push(child);
    }
  }
  return pids;
}

/** Undefined where the system does not say. */
export function treeUsage(root: number): TreeUsage | undefined {
  if (!hasProc) return undefined;
  let userTicks = 0;
  let systemTicks = 0;
  let residentBytes = 0;
  for (const pid of treePids(root)) {
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

function allStats(): (readonly [pid: number, stat: ProcessStat])[] {
  if (!hasProc) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      const stat = statOf(pid);
      return stat ? [[pid, stat] as const] : [];
    });
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
