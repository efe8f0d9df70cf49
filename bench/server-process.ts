import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Children, hasLeft, killTree } from "./children.ts";
import { pinned } from "./pinning.ts";
import { type TreeUsage, treeUsage } from "./process-tree.ts";
import type { ServerSpec } from "./server-catalog.ts";

export interface StartOptions {
  readonly children: Children;
  readonly core: number | undefined;
}

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;

/** A server that listens. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #stopSignal: NodeJS.Signals;

  private constructor(child: ChildProcess, spec: ServerSpec, port: number) {
    this.#child = child;
    this.#stopSignal = spec.stopSignal;
    this.port = port;
  }

  /** @throws Error where it does not say in time that it listens */
  static async start(
    spec: ServerSpec,
    { children, core }: StartOptions,
  ): Promise<ServerProcess> {
    const command = pinned([process.execPath, ...spec.args], core);
    const child = children.spawn(command, {
      // No config file of somebody's is found here.
      cwd: import.meta.dirname,
      env: neutralEnvironment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      return new ServerProcess(child, spec, await announcedPort(child));
    } catch (error) {
      killTree(child);
      throw error;
    }
  }

  /** What it and its workers have used; undefined where nobody knows. */
  usage(): TreeUsage | undefined {
    return this.#child.pid === undefined
      ? undefined
      : treeUsage(this.#child.pid);
  }

  /** Ends it, by force where it does not leave in time. */
  async stop(): Promise<void> {
    if (hasLeft(this.#child)) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    const timer = setTimeout(() => killTree(this.#child), STOP_TIMEOUT_MS);
    this.#child.kill(this.#stopSignal);
    await exited;
    clearTimeout(timer);
  }
}

/** Variables that would configure a server are not for this one. */
function neutralEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(REMUDA_|LISTEN_|NODE_OPTIONS$|NODE_ENV$)/.test(name),
  );
  return { ...Object.fromEntries(kept), NODE_ENV: "production" };
}

function announcedPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the server ${why}`));
    const timer = setTimeout(
      () => fail(`did not listen within ${START_TIMEOUT_MS} ms`),
      START_TIMEOUT_MS,
    );
    child.once("error", (error) => fail(`cannot be run: ${error.message}`));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      fail(`left at its start: ${code ?? signal}`);
    });
    // Goes on reading: a full pipe would stop the server.
    createInterface(child.stdout as Readable).on("line", (line) => {
      const port = portIn(line);
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(port);
    });
  });
}

function portIn(line: string): number | undefined {
  if (!line.startsWith("{")) return undefined;
  const { msg, port } = JSON.parse(line) as { msg?: string; port?: number };
  return msg === "listening" ? port : undefined;
}
