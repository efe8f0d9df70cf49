import { readdirSync, readFileSync } from "node:fs";

/**
 * How long threads of those processes that live now have run, in microseconds.
 * It is exact, where `treeUsage` counts hundredths of a second; but threads that
 * have ended are not in it.
 *
 * @throws Error where the kernel does not say
 */
export function runMicros(pids: readonly number[]): number {
  const nanos = pids.flatMap((pid) => {
    const folder = `/proc/${pid}/task`;
    return readdirSync(folder).map((thread) => {
      return parseRunNanos(
        readFileSync(`${folder}/${thread}/schedstat`, "utf8"),
      );
    });
  });
  return nanos.reduce((sum, one) => sum + one, 0) / 1000;
}

/** @param text "ran waited slices", in nanoseconds (sched-stats.txt) */
export function parseRunNanos(text: string): number {
  return Number(text.split(" ", 1)[0]);
}
