import { readFileSync } from "node:fs";
import type { WorkerExit } from "../workers/worker-process.ts";
import type { RestartReason } from "./restart-reason.ts";

/** Exit code that a shell makes of SIGABRT. */
const ABORTED = 134;

/**
 * The likely reason why a ready worker ended. V8 aborts when its heap is full,
 * and hardly for another reason. A KILL that the master did not send is taken
 * for the kernel's if the kernel has killed for memory meanwhile.
 */
export function causeOfDeath(
  exit: WorkerExit | undefined,
  hasKernelKilled: boolean,
): RestartReason {
  const { code, signal } = exit ?? {};
  if (signal === "SIGABRT" || code === ABORTED) return "oom";
  return signal === "SIGKILL" && hasKernelKilled ? "oom" : "crash";
}

/** Watches the count of processes that the kernel killed for memory. */
export class KernelKills {
  readonly #file: string;
  #count: number | undefined;

  /** @param file of the kernel's counters */
  constructor(file = "/proc/vmstat") {
    this.#file = file;
    this.#count = this.#read();
  }

  /** Whether the count has risen since the last call. */
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
