/**
 * As the first process of a container the master becomes the parent of
 * processes that it does not know: those which a worker has left behind. Node
 * does not wait for them, so they stay as zombies when they end, and each has
 * a pid. All that can be done here is to say so.
 */
import fs from "node:fs";
import type { Logger } from "../../shared/logger.ts";

const INTERVAL_MS = 5_000;

/** @returns what ends the watch */
export function watchForZombies(logger: Logger): () => void {
  // Elsewhere some other process has been the parent of all orphans.
  if (process.pid !== 1) return () => {};
  let before = new Set<string>();
  const timer = setInterval(() => {
    const now = zombiesOf(process.pid);
    // A worker that has just died is one for a moment.
    const stayed = now.filter((pid) => before.has(pid));
    before = new Set(now);
    if (stayed.length === 0) return;
    clearInterval(timer);
    const zombies = stayed.length;
    logger.warn({ zombies }, "zombies stay: the container needs an init");
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

function zombiesOf(parent: number): string[] {
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
      // "pid (name) state ppid …": a name may have blanks and brackets.
      const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" && Number(ppid) === parent;
    } catch {
      return false; // it is gone
    }
  });
}
