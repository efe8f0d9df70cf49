import { readdirSync, readFileSync } from "node:fs";
import { parseResidentBytes } from "../../bench/process-stat.ts";

const SAMPLE_MS = 100;

export function residentBytes(pid: number): number {
  return parseResidentBytes(readFileSync(`/proc/${pid}/status`, "utf8"));
}

export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Peak resident memory of each process, sampled ten times a second. */
export class PeakMemory {
  readonly #peaks: Map<number, number>;
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.#peaks = new Map(pids.map((pid) => [pid, residentBytes(pid)]));
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Peaks in the order of the pids. */
  stop(): number[] {
    clearInterval(this.#timer);
    this.#sample();
    return [...this.#peaks.values()];
  }

  #sample(): void {
    for (const [pid, peak] of this.#peaks) {
      try {
        this.#peaks.set(pid, Math.max(peak, residentBytes(pid)));
      } catch {
        // The process has exited, which is detected elsewhere.
      }
    }
  }
}
