import type { ChildProcess } from "node:child_process";
import { on, once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { type Children, hasLeft, killTree } from "./children.ts";
import { LogFile } from "./log-file.ts";
import { pinned } from "./pinning.ts";
import { type TreeUsage, treeUsage } from "./process-tree.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import type { ServerSpec } from "./server-catalog.ts";
import { untilAccepts } from "./until-accepts.ts";

export interface StartOptions {
  readonly children: Children;
  readonly core: number | undefined;
  /** Whether its standard output is an access log, to be kept in a file. */
  readonly isLogged: boolean;
}

/** pm2 starts a daemon first. */
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;
const SIGNAL_TIMEOUT_MS = 30_000;

/** Its standard output: either of them. */
interface Output {
  readonly log: LogFile | undefined;
  readonly lines: Interface | undefined;
}

interface Files {
  readonly log: LogFile | undefined;
  /** Of its own, for whatever it keeps. */
  readonly folder: ScratchFolder;
}

/** A server that listens. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #spec: ServerSpec;
  readonly #files: Files;
  /** Of its standard output, where that is no log. */
  readonly #lines: Interface | undefined;

  private constructor(
    child: ChildProcess,
    { lines, ...files }: Files & Output,
    facts: { readonly port: number; readonly spec: ServerSpec },
  ) {
    this.#child = child;
    this.#files = files;
    this.#lines = lines;
    this.#spec = facts.spec;
    this.port = facts.port;
  }

  /** @throws Error where it does not say in time that it listens */
  static async start(
    spec: ServerSpec,
    { children, core, isLogged }: StartOptions,
  ): Promise<ServerProcess> {
    const log = isLogged ? new LogFile() : undefined;
    const files: Files = { log, folder: new ScratchFolder() };
    const { program = process.execPath, args } = spec;
    const child = children.spawn(pinned([program, ...args], core), {
      // No config file of somebody's is found here.
      cwd: import.meta.dirname,
      env: {
        ...neutralEnvironment(),
        ...(isLogged && { ACCESS_LOG: "1" }),
        BENCH_FOLDER: files.folder.path,
      },
      stdio: ["ignore", log?.fd ?? "pipe", "inherit"],
    });
    // Goes on reading: a full pipe would stop the server.
    const lines = child.stdout ? createInterface(child.stdout) : undefined;
    try {
      const port = await announcedPort(child, { log, lines });
      await untilAccepts(port, START_TIMEOUT_MS);
      return new ServerProcess(child, { ...files, lines }, { port, spec });
    } catch (error) {
      killTree(child);
      closeAll(files);
      throw error;
    }
  }

  /** How many lines its access log has, if not too many; 0 without one. */
  get logLineCount(): number {
    return this.logLines.length;
  }

  /** Of its access log, if not too many; none without one. */
  get logLines(): readonly string[] {
    return this.#files.log?.firstLines() ?? [];
  }

  /** Of the process that was started, not of its workers. */
  get pid(): number {
    // It listens, so it was started.
    return this.#child.pid as number;
  }

  /** What it and its workers have used; undefined where nobody knows. */
  usage(): TreeUsage | undefined {
    return this.#child.pid === undefined
      ? undefined
      : treeUsage(this.#child.pid, { omitsRoot: this.#spec.isLauncher });
  }

  /**
   * Has it do what a signal asks for, until it says so in a line.
   *
   * @throws Error where it does not say so in time
   */
  async signal(signal: NodeJS.Signals, until: string): Promise<void> {
    const lines = this.#lines;
    if (!lines) throw new Error("what it says is a log, which nobody reads");
    const late = AbortSignal.timeout(SIGNAL_TIMEOUT_MS);
    const said = on(lines, "line", { signal: late });
    this.#child.kill(signal);
    for await (const [line] of said) if (fieldsOf(line).msg === until) return;
  }

  /** Ends it, by force where it does not leave in time. */
  async stop(): Promise<void> {
    if (!hasLeft(this.#child)) {
      const exited = once(this.#child, "exit");
      const timer = setTimeout(() => killTree(this.#child), STOP_TIMEOUT_MS);
      this.#child.kill(this.#spec.stopSignal);
      await exited;
      clearTimeout(timer);
    }
    // Whoever outlives it would take the time of the next server.
    killTree(this.#child);
    closeAll(this.#files);
  }
}

function closeAll({ log, folder }: Files): void {
  log?.close();
  folder.remove();
}

/** Variables that would configure a server are not for this one. */
function neutralEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(REMUDA_|LISTEN_|NODE_OPTIONS$|NODE_ENV$)/.test(name),
  );
  return { ...Object.fromEntries(kept), NODE_ENV: "production" };
}

function announcedPort(
  child: ChildProcess,
  { log, lines }: Output,
): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      unwatch?.();
      lines?.off("line", onLine);
    };
    const fail = (why: string) => {
      settle();
      reject(new Error(`the server ${why}`));
    };
    const timer = setTimeout(
      () => fail(`did not listen within ${START_TIMEOUT_MS} ms`),
      START_TIMEOUT_MS,
    );
    child.once("error", (error) => fail(`cannot be run: ${error.message}`));
    child.once("exit", (code, signal) => {
      fail(`left at its start: ${code ?? signal}`);
    });
    const onLine = (line: string) => {
      const { msg, port } = fieldsOf(line);
      if (msg !== "listening" || port === undefined) return;
      settle();
      resolve(port);
    };
    const unwatch = log?.watch(onLine);
    lines?.on("line", onLine);
  });
}

function fieldsOf(line: string): { msg?: string; port?: number } {
  return line.startsWith("{") ? JSON.parse(line) : {};
}
