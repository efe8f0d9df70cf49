import {
  type ChildProcess,
  type SpawnOptions,
  spawn,
} from "node:child_process";
import { randomUUID } from "node:crypto";
import { MARK_VARIABLE } from "./process-mark.ts";
import { treePids } from "./process-tree.ts";

const marks = new WeakMap<ChildProcess, string>();

/** All processes that a run starts: whatever ends it ends them too. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  /** What it starts bears its mark, and is ended with it. */
  spawn(
    [command = "", ...args]: readonly string[],
    options: SpawnOptions,
  ): ChildProcess {
    const mark = randomUUID();
    const env = { ...(options.env ?? process.env), [MARK_VARIABLE]: mark };
    const child = spawn(command, args, { ...options, env });
    marks.set(child, mark);
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

/** KILL to a child and all that come from it, also where it has left. */
export function killTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  // Its own pid may be somebody else's by then.
  const root = hasLeft(child) ? undefined : child.pid;
  for (const pid of treePids(root, marks.get(child))) {
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
