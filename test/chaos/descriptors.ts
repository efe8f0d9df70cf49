import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Number of open descriptors by kind. */
export type Descriptors = Readonly<Record<string, number>>;

const LOOKS = 20;
const LOOK_EVERY_MS = 10;
const WATCHED = "/proc/PID/stat";

/**
 * Counts the open descriptors of a process by kind (Linux). Takes the minimum
 * of some samples, because an answered connection may stay open for a moment.
 *
 * @param watched number of processes whose figures it reads, as a minimum
 */
export async function leastDescriptors(
  pid: number,
  watched: number,
): Promise<Descriptors> {
  let least = descriptors(pid);
  for (let look = 1; look < LOOKS; look++) {
    await delay(LOOK_EVERY_MS);
    const now = descriptors(pid);
    if (total(now) < total(least)) least = now;
  }
  return { ...least, [WATCHED]: Math.max(watched, least[WATCHED] ?? 0) };
}

/** Whether no kind has more descriptors than before. */
export function hasNoMore(now: Descriptors, before: Descriptors): boolean {
  return Object.entries(now).every(([kind, count]) => {
    return count <= (before[kind] ?? 0);
  });
}

function descriptors(pid: number): Descriptors {
  const counts: Record<string, number> = {};
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const kind = kindOf(`/proc/${pid}/fd/${fd}`);
    if (kind === undefined) continue;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort());
}

function total(descriptors: Descriptors): number {
  return Object.values(descriptors).reduce((sum, count) => sum + count, 0);
}

function kindOf(link: string): string | undefined {
  try {
    // "socket:[123]", "anon_inode:[eventpoll]", "/proc/123/stat"
    const target = readlinkSync(link);
    return target
      .replace(/:\[\d+\]$/, "")
      .replace(/^\/proc\/\d+/, "/proc/PID")
      .replace(/(\/\.remuda-log-)[0-9a-f]+/, "$1ID");
  } catch {
    return undefined; // closed since
  }
}
