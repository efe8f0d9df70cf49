import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { killTree } from "../children.ts";
import { ReadyFile } from "./ready-file.ts";
import {
  type RunningSubject,
  type TimesSubject,
  WORKERS,
} from "./times-subject.ts";

const SCRIPT = path.join(import.meta.dirname, "servers/bare-cluster.js");

/** `node:cluster` and `node:http`, without anything around them. */
export const clusterTimes: TimesSubject = {
  name: "node:cluster alone",
  reloadedBy: undefined,
  missing: () => undefined,
  async start(folder) {
    const ready = new ReadyFile(path.join(folder, "ready"));
    const own = { PORT: String(await freePort()), READY_FILE: ready.path };
    const child = spawn(process.execPath, [SCRIPT], {
      env: { ...process.env, ...own },
      stdio: "inherit",
    });
    process.on("exit", () => killTree(child));
    await ready.until(WORKERS);
    return new Running(child, ready);
  },
};

class Running implements RunningSubject {
  readonly #child: ChildProcess;
  readonly #ready: ReadyFile;

  constructor(child: ChildProcess, ready: ReadyFile) {
    this.#child = child;
    this.#ready = ready;
  }

  async killWorker(): Promise<number> {
    const { lines } = this.#ready;
    const victim = lines.at(-1)?.pid;
    if (victim === undefined) throw new Error("there is no worker");
    const beganMs = Date.now();
    process.kill(victim, "SIGKILL");
    return (await this.#ready.until(lines.length + 1)) - beganMs;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    killTree(this.#child);
    await exited;
  }
}
