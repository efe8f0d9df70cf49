import { readFileSync } from "node:fs";

/**
 * A variable that marks a process and all that come from it: also those whose
 * parent has left, as a daemon's does.
 */
export const MARK_VARIABLE = "BENCH_MARK";

/** Undefined without one, for a process that has left, and without `/proc`. */
export function markOf(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split(
      "\0",
    );
    const start = `${MARK_VARIABLE}=`;
    const found = variables.find((variable) => variable.startsWith(start));
    return found?.slice(start.length);
  } catch {
    return undefined; // it has left, or is somebody else's
  }
}
