import { readFileSync } from "node:fs";

/**
 * Returns the limit on open descriptors of this process (`ulimit -n`), or
 * Infinity if there is none or it is unknown. Node.js raises its soft limit to
 * the hard limit when it starts.
 *
 * @param file source of the limit on Linux
 */
export function descriptorLimit(file = "/proc/self/limits"): number {
  const limit = softLimit(limitIn(file) ?? limitInReport());
  return limit ?? Number.POSITIVE_INFINITY;
}

/** On Linux: "Max open files  1024  4096  files", soft limit, then hard. */
function limitIn(file: string): string | undefined {
  try {
    const limits = readFileSync(file, "utf8");
    return /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  } catch {
    return undefined; // not on Linux, or without /proc
  }
}

/** On macOS and BSD. Takes some milliseconds. */
function limitInReport(): unknown {
  const report = process.report?.getReport() as unknown;
  const { userLimits } = (report ?? {}) as { userLimits?: UserLimits };
  return userLimits?.open_files?.soft;
}

interface UserLimits {
  readonly open_files?: { readonly soft?: unknown };
}

/** Returns undefined for "unlimited". */
function softLimit(value: unknown): number | undefined {
  const limit = Number(value);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : undefined;
}
