import {
  type ChildProcess,
  type SpawnOptions,
  spawn,
} from "node:child_process";
import { treePids } from "./process-tree.ts";

/** All processes that a run starts: whatever ends it ends them too. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  spawn(
    [command = "", ...args]: readonly string[],
    options: SpawnOptions,
  ): ChildProcess {
    const child = spawn(command, args, options);
    this.#running.add(child);
    child.on("exit", () => this.#running.delete(child));
    child.on("error", () => this.#running.delete(child));
    return child;
  }

  /** At once, and with all that they have started. */
  killAll(): void {
    for (const child of this.#running) killTree(child);
  }
}

/** KILL to a child and its descendants. */
export function killTree(child: ChildProcess): void {
  if (child.pid === undefined || hasLeft(child)) return;
  for (const pid of treePids(child.pid)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

export function hasLeft({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
