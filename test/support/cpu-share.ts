import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds } from "./cpu-seconds.ts";

/** Measures the use of one core by a process over `ms`; 1 is one full core. */
export async function cpuShare(pid: number, ms: number): Promise<number> {
  const startedAt = performance.now();
  const before = cpuSeconds(pid);
  await delay(ms);
  const seconds = (performance.now() - startedAt) / 1000;
  return (cpuSeconds(pid) - before) / seconds;
}
