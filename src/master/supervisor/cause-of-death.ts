import { readFileSync } from "node:fs";
import type { RestartReason } from "./restart-reason.ts";
import type { WorkerExit } from "./workers/worker-process.ts";

/** What a shell in between makes of SIGABRT. */
const ABORTED = 134;

/**
 * Why a worker that was ready is gone, as far as it can be known. V8 aborts
 * when its heap is full, and hardly for anything else. A KILL that is not ours
 * is the kernel's if that has killed for memory meanwhile, otherwise somebody's.
 */
export function causeOfDeath(
  exit: WorkerExit | undefined,
  hasKernelKilled: boolean,
): RestartReason {
  const { code, signal } = exit ?? {};
  if (signal === "SIGABRT" || code === ABORTED) return "oom";
  return signal === "SIGKILL" && hasKernelKilled ? "oom" : "crash";
}

/** Processes that the kernel has killed because memory was short. */
export class KernelKills {
  readonly #file: string;
  #count: number | undefined;

  /** @param file where the kernel counts */
  constructor(file = "/proc/vmstat") {
    this.#file = file;
    this.#count = this.#read();
  }

  /** Whether there were any since the last time that it was asked. */
  haveRisen(): boolean {
    const before = this.#count;
    this.#count = this.#read();
    if (before === undefined || this.#count === undefined) return false;
    return this.#count > before;
  }

  #read(): number | undefined {
    try {
      const text = readFileSync(this.#file, "utf8");
      const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
      return count === undefined ? undefined : Number(count);
    } catch {
      return undefined; // not on Linux
    }
  }
}
