import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds } from "./cpu-seconds.ts";

/** How much of one core a process takes over so long, from 0 on. */
export async function cpuShare(pid: number, ms: number): Promise<number> {
  const startedAt = performance.now();
  const before = cpuSeconds(pid);
  await delay(ms);
  const seconds = (performance.now() - startedAt) / 1000;
  return (cpuSeconds(pid) - before) / seconds;
}
