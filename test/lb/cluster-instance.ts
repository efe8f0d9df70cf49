import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { MARK_VARIABLE, markedProcesses } from "../support/marked-processes.ts";
import { signalIfAlive } from "../support/signal-if-alive.ts";
import { waitUntil } from "../support/wait-until.ts";
import type { Instance } from "./instance.ts";
import type { Place } from "./place.ts";

const SCRIPT = path.resolve("test/lb/cluster-fastify.js");
const started = new Set<ClusterInstance>();

// Last resort, if a run ends by an error.
process.on("exit", () => {
  for (const instance of started) instance.signal("SIGKILL");
});

/** The baseline for comparison: `node:cluster` and Fastify. */
export class ClusterInstance implements Instance {
  readonly number: number;
  readonly #place: Place;
  readonly #workers: number;
  readonly #mark = randomUUID();

  constructor(number: number, place: Place, workers: number) {
    this.number = number;
    this.#place = place;
    this.#workers = workers;
  }

  async start(): Promise<void> {
    const { host, port, launcher } = this.#place;
    const command = [...launcher, process.execPath, SCRIPT];
    const [program = "", ...args] = command;
    started.add(this);
    const child: ChildProcess = spawn(program, args, {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        ...{ HOST: host, PORT: String(port), WORKERS: String(this.#workers) },
        ...{ INSTANCE: String(this.number), [MARK_VARIABLE]: this.#mark },
      },
    });
    const lines = createInterface({ input: child.stdout as Readable });
    await Promise.race([
      once(lines, "line"),
      once(child, "exit").then(() => Promise.reject(new Error("it left"))),
    ]);
  }

  /** Kills: the baseline has no lossless stop. */
  stop(): Promise<void> {
    return this.kill();
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await waitUntil(() => markedProcesses(this.#mark).length === 0, {
      what: `instance ${this.number} to be gone`,
    });
    started.delete(this);
  }

  signal(name: NodeJS.Signals): void {
    for (const { pid } of markedProcesses(this.#mark)) signalIfAlive(pid, name);
  }
}
