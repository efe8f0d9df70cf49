import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** How many there are of each kind. */
export type Descriptors = Readonly<Record<string, number>>;

const LOOKS = 20;
const LOOK_EVERY_MS = 10;
const WATCHED = "/proc/PID/stat";

/**
 * What a process has open, by kind (Linux): of some looks the one with least,
 * as a connection that has just been answered may be open for a moment yet.
 *
 * @param watched processes whose figures it reads: they count at least
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

/** Whether there are no more of any kind than there were. */
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
    return target.replace(/:\[\d+\]$/, "").replace(/^\/proc\/\d+/, "/proc/PID");
  } catch {
    return undefined; // closed meanwhile
  }
}
