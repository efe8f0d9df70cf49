/**
 * As the first process of a container the master becomes the parent of the
 * processes that a worker leaves behind. Node does not wait for them, so they
 * stay as zombies when they end, and each keeps a pid. The master can only log
 * that.
 */
import fs from "node:fs";
import type { Logger } from "../../shared/logging/logger.ts";
import { processStat } from "./process-facts.ts";

const INTERVAL_MS = 5_000;

/** @returns a function that ends the watch */
export function watchForZombies(logger: Logger): () => void {
  // Any other process is not the parent of orphans.
  if (process.pid !== 1) return () => {};
  let before = new Set<string>();
  const timer = setInterval(() => {
    const now = zombiesOf(process.pid);
    // A worker that has just died is a zombie for a moment.
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
      const { state, parentPid } = processStat(pid);
      return state === "Z" && parentPid === parent;
    } catch {
      return false; // it has just ended
    }
  });
}
