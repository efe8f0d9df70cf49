import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { cpuQuota } from "./cpu-quota.ts";

/**
 * What `"cores"` means: the CPUs that this process may run on, and no more than
 * its control group may use, rounded down, but one at least. Node.js 20 does
 * not look at quotas, and others disagree on those below one CPU.
 */
export function availableCpus(
  cores = availableParallelism(),
  quota = cpuQuota(readText) ?? cores,
): number {
  return Math.max(1, Math.min(cores, Math.floor(quota)));
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
