import { readFileSync } from "node:fs";
import path from "node:path";

const ROOT = "/sys/fs/cgroup";

/** Returns the text of a file; undefined if it cannot be read. */
type ReadText = (file: string) => string | undefined;

/**
 * The CPUs that Linux grants the control group of this process, as `2` or
 * `0.5`: the lowest quota of its own group and those above it. `docker --cpus`
 * and the CPU limit of a Kubernetes container set such quotas.
 *
 * @returns undefined without a quota
 */
export function cpuQuota(readText: ReadText = readFile): number | undefined {
  const groups = (readText("/proc/self/cgroup") ?? "").split("\n");
  const quotas = groups.flatMap((group) => {
    // "0::/path" belongs to version 2, "4:cpu,cpuacct:/path" to version 1.
    const [, controllers, ofGroup] = /^\d+:([^:]*):(.+)$/.exec(group) ?? [];
    if (controllers === undefined || ofGroup === undefined) return [];
    if (controllers === "")
      return quotasAbove(ROOT, ofGroup, quotaOf(readText));
    if (!controllers.split(",").includes("cpu")) return [];
    const root = path.posix.join(ROOT, "cpu");
    return quotasAbove(root, ofGroup, oldQuotaOf(readText));
  });
  return quotas.length > 0 ? Math.min(...quotas) : undefined;
}

/**
 * Quotas of the group and all above it. In a container the path may be the
 * host's. Then only the root is visible, which is the container's own group.
 */
function quotasAbove(
  root: string,
  ofGroup: string,
  quota: (folder: string) => number | undefined,
): number[] {
  const found: number[] = [];
  for (let at = path.posix.join("/", ofGroup); ; at = path.posix.dirname(at)) {
    const here = quota(path.posix.join(root, at));
    if (here !== undefined) found.push(here);
    if (at === "/") return found;
  }
}

/** "150000 100000" means 1.5 CPUs, "max 100000" means no quota. */
function quotaOf(readText: ReadText) {
  return (folder: string): number | undefined => {
    const text = readText(path.posix.join(folder, "cpu.max")) ?? "";
    const [quota, period] = text.split(" ");
    return cpus(quota, period);
  };
}

function oldQuotaOf(readText: ReadText) {
  return (folder: string): number | undefined =>
    cpus(
      readText(path.posix.join(folder, "cpu.cfs_quota_us")),
      readText(path.posix.join(folder, "cpu.cfs_period_us")),
    );
}

/** In version 1, -1 means no quota. */
function cpus(quota: string | undefined, period: string | undefined) {
  const share = Number(quota) / Number(period);
  return Number.isFinite(share) && share > 0 ? share : undefined;
}

function readFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
