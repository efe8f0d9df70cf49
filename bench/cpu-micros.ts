import type { TreeUsage } from "./process-tree.ts";

/** User and system time. @throws Error where the system does not say */
export function cpuMicros(usage: TreeUsage | undefined): number {
  if (!usage) throw new Error("the CPU time of processes is not known here");
  return (usage.userSeconds + usage.systemSeconds) * 1e6;
}
