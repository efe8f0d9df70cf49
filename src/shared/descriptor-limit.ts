import { readFileSync } from "node:fs";

/**
 * How many descriptors this process may have open at a time (`ulimit -n`);
 * Infinity where there is no limit, or the system does not tell. Node raises
 * its soft limit to the hard one when it starts.
 *
 * @param file where Linux says it
 */
export function descriptorLimit(file = "/proc/self/limits"): number {
  const limit = softLimit(limitIn(file) ?? limitInReport());
  return limit ?? Number.POSITIVE_INFINITY;
}

/** Linux. "Max open files  1024  4096  files": soft, then hard. */
function limitIn(file: string): string | undefined {
  try {
    const limits = readFileSync(file, "utf8");
    return /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  } catch {
    return undefined; // not on Linux, or without /proc
  }
}

/** macOS and BSD. It takes some milliseconds. */
function limitInReport(): unknown {
  const report = process.report?.getReport() as unknown;
  const { userLimits } = (report ?? {}) as { userLimits?: UserLimits };
  return userLimits?.open_files?.soft;
}

interface UserLimits {
  readonly open_files?: { readonly soft?: unknown };
}

/** "unlimited" is none. */
function softLimit(value: unknown): number | undefined {
  const limit = Number(value);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : undefined;
}
