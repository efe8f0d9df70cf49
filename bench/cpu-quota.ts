import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { waitUntil } from "../test/support/wait-until.ts";

/** Short, so that who has used up its part does not wait for long. */
const PERIOD_MICROS = 20_000;
const REMOVAL_TIMEOUT_MS = 5_000;

const ROOT = "/sys/fs/cgroup";
/** Where version 1 has the controller; version 2 has all of them in one. */
const V1_ROOT = path.join(ROOT, "cpu");

let made = 0;

/**
 * Part of a core for some processes: the kernel's control groups stop them for
 * the rest of each period in which they have used it up. It makes a small
 * machine of a part of this one.
 */
export class CpuQuota {
  readonly #folder: string;

  /** @param cores above 0; 0.1 is a tenth of a core */
  constructor(cores: number) {
    const name = `remuda-bench-${process.pid}-${++made}`;
    this.#folder = path.join(root(), name);
    mkdirSync(this.#folder);
    const micros = Math.round(PERIOD_MICROS * cores);
    try {
      this.#limit(micros);
    } catch (error) {
      rmdirSync(this.#folder);
      throw error;
    }
  }

  /** Why none can be had here; undefined where they can. */
  static missing(): string | undefined {
    try {
      rmdirSync(new CpuQuota(1).#folder);
      return undefined;
    } catch (error) {
      const why = (error as Error).message;
      return `this user cannot limit CPU by control groups here: ${why}`;
    }
  }

  /** With all their threads, and whatever they start from now on. */
  add(pids: readonly number[]): void {
    for (const pid of pids) this.#write("cgroup.procs", String(pid));
  }

  /** When all of them have left. */
  async close(): Promise<void> {
    await waitUntil(() => isRemoved(this.#folder), {
      what: `the processes of ${this.#folder} to leave`,
      timeoutMs: REMOVAL_TIMEOUT_MS,
    });
  }

  #limit(micros: number): void {
    if (existsSync(path.join(this.#folder, "cpu.max"))) {
      this.#write("cpu.max", `${micros} ${PERIOD_MICROS}`);
      return;
    }
    this.#write("cpu.cfs_period_us", String(PERIOD_MICROS));
    this.#write("cpu.cfs_quota_us", String(micros));
  }

  #write(file: string, text: string): void {
    // A file that is not there must not be made.
    writeFileSync(path.join(this.#folder, file), text, { flag: "r+" });
  }
}

function root(): string {
  return existsSync(V1_ROOT) ? V1_ROOT : ROOT;
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EBUSY") return false;
    throw error;
  }
}
