import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const TICKS_PER_SECOND = 100;

/** How much of one core a process takes over so long, from 0 on. */
export async function cpuShare(pid: number, ms: number): Promise<number> {
  const startedAt = performance.now();
  const before = cpuTicks(pid);
  await delay(ms);
  const seconds = (performance.now() - startedAt) / 1000;
  return (cpuTicks(pid) - before) / TICKS_PER_SECOND / seconds;
}

/** User and system time (proc(5): fields 14 and 15). */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
