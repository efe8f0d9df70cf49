import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { inspect } from "node:util";
import {
  DaemonLog,
  type LogLine,
  type LogMatch,
  type LogWaitOptions,
} from "./daemon-log.ts";
import { followFile } from "./follow-file.ts";
import { type HttpAnswer, httpGet } from "./http-get.ts";
import {
  MARK_VARIABLE,
  type MarkedProcess,
  markedProcesses,
} from "./marked-processes.ts";
import { parseMetrics, sumOf } from "./prometheus.ts";
import type { ServerAddress } from "./server-address.ts";
import { signalIfAlive } from "./signal-if-alive.ts";
import { type CliOptions, type CliProcess, spawnCli } from "./spawn-cli.ts";
import { TRUSTING } from "./tls-fixtures.ts";
import { waitUntil } from "./wait-until.ts";

export interface DaemonOptions extends CliOptions {
  /** App module to name on the command line. */
  readonly app?: string;
  /**
   * Further arguments. `--port 0` and `--admin-port 0` are added, unless an
   * argument sets where to listen.
   */
  readonly args?: readonly string[];
  /** The config file has a list of listeners, so no `--port` is added. */
  readonly hasList?: boolean;
  /** The app listens by itself, so no `--port` is added. */
  readonly isProgram?: boolean;
  /** Value of `--log-file`; lines are then read from that file. */
  readonly logFile?: string;
  /** Socket to which the launcher redirects standard output, if any. */
  readonly output?: Socket;
  /** Default 60 s. */
  readonly readyTimeoutMs?: number;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Less than the default drain deadline, so a blocked drain fails the test. */
const STOP_TIMEOUT_MS = 18_000;
const daemons = new Set<Daemon>();

// Last resort, for a test file that fails before its hooks run.
process.on("exit", () => {
  for (const daemon of daemons) {
    daemon.kill();
    daemon.removeRuntimeFolder();
  }
});

/** Starts the built daemon and waits until all workers are ready. */
export async function startDaemon(
  options: DaemonOptions = {},
): Promise<Daemon> {
  const daemon = new Daemon(options);
  daemons.add(daemon);
  const { readyTimeoutMs: timeoutMs = 60_000 } = options;
  try {
    await Promise.race([
      daemon.waitForLog("ready", { timeoutMs }),
      daemon.exited.then(() => Promise.reject(new Error("exited early"))),
    ]);
    return daemon;
  } catch (cause) {
    const ending = await daemon.endingSoFar();
    daemon.kill();
    await daemon.exited;
    daemon.removeRuntimeFolder();
    daemons.delete(daemon);
    throw new Error(`daemon not ready: ${ending}`, { cause });
  }
}

/**
 * For an `after` hook: stops all daemons of `startDaemon` with all processes.
 */
export async function stopAllDaemons(): Promise<void> {
  const stops = [...daemons].map((daemon) => daemon.stop());
  const failed = (await Promise.allSettled(stops)).filter(
    (result) => result.status === "rejected",
  );
  if (failed.length === 0) return;
  // The test runner prints only the message of a hook's error.
  const reasons = failed.map(({ reason }) => inspect(reason));
  throw new Error(`daemons did not stop well:\n${reasons.join("\n")}`);
}

/** A running daemon: the spawned master and all its descendants. */
export class Daemon {
  /** Settles when the spawned process exits; an upgraded daemon continues. */
  readonly exited: Promise<Ending>;
  /** Contains the control socket, unless the options set another path. */
  readonly runtimeFolder = mkdtempSync(path.join(os.tmpdir(), "remuda-run-"));
  readonly #child: CliProcess;
  readonly #output: Readable;
  readonly #log: DaemonLog;
  readonly #mark = randomUUID();
  readonly #closed: Promise<unknown>;
  #stderr = "";

  constructor(given: DaemonOptions) {
    const {
      app,
      args = [],
      hasList = false,
      isProgram = false,
      logFile,
      output,
      ...options
    } = given;
    const command = ["start", ...(app === undefined ? [] : [app])];
    const toFile = logFile === undefined ? [] : ["--log-file", logFile];
    this.#child = spawnCli(
      [...command, ...toFile, ...withPorts(args, hasList || isProgram)],
      {
        ...options,
        env: {
          REMUDA_RUNTIME_DIR: this.runtimeFolder,
          // Most reloads in tests need not wait for a crash.
          REMUDA_ROLL_CANARY_PAUSE_MS: "0",
          ...options.env,
          [MARK_VARIABLE]: this.#mark,
        },
      },
    );
    const { pid } = this.#child;
    const stdout = output ?? this.#child.stdout;
    this.#output = stdout;
    const isFollowed = logFile !== undefined && pid !== undefined;
    this.#log = new DaemonLog(isFollowed ? followFile(logFile, pid) : stdout);
    // Unread output of the app must not block it.
    if (isFollowed) stdout.resume();
    this.#child.stderr.setEncoding("utf8").on("data", (text) => {
      this.#stderr += text;
    });
    this.exited = new Promise((resolve) => {
      this.#child.on("exit", (code, signal) => resolve({ code, signal }));
      this.#child.on("error", (error) => {
        this.#stderr += error.stack;
        resolve({ code: null, signal: null });
      });
    });
    this.#closed = new Promise((resolve) => {
      this.#child.on("close", resolve);
    });
  }

  /** Pid of the spawned process. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("the daemon was not spawned");
    return pid;
  }

  /** All lines on stdout so far; use the length as `since`. */
  get logs(): readonly LogLine[] {
    return this.#log.lines;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The address that the daemon logged last; spread it into client options. */
  get address(): ServerAddress {
    const address = this.addresses.at(-1);
    if (address) return address;
    throw new Error(`not listening; the last lines:\n${this.#log.tail}`);
  }

  /** Addresses of all listeners, in order. */
  get addresses(): readonly ServerAddress[] {
    const lines = this.logs.filter(({ msg }) => msg === "listening");
    return lines.map(addressIn);
  }

  /** Throws if the daemon listens on a Unix socket. */
  get port(): number {
    const { address } = this;
    if ("port" in address) return address.port;
    throw new Error(`listens on ${address.socketPath}`);
  }

  get adminPort(): number {
    const line = this.logs.findLast(({ msg }) => msg === "admin listening");
    if (typeof line?.port === "number") return line.port;
    throw new Error(`no admin server; the last lines:\n${this.#log.tail}`);
  }

  /** Control socket of the newest master. */
  get controlSocketPath(): string {
    const line = this.logs.findLast(({ msg }) => msg === "control listening");
    if (typeof line?.socketPath === "string") return line.socketPath;
    throw new Error(`no control socket; the last lines:\n${this.#log.tail}`);
  }

  /** Stops reading the standard output of the daemon. */
  pauseReading(): void {
    this.#output.pause();
  }

  resumeReading(): void {
    this.#output.resume();
  }

  waitForLog(match: LogMatch, options?: LogWaitOptions): Promise<LogLine> {
    return this.#log.waitFor(match, options);
  }

  /** All live processes of the daemon, orphans included. */
  processes(): MarkedProcess[] {
    return markedProcesses(this.#mark);
  }

  workerPids(): number[] {
    const workers = this.processes().filter(({ isWorker }) => isWorker);
    return workers.map(({ pid }) => pid);
  }

  /**
   * Masters whose parent is not in the daemon; after an upgrade the new one.
   */
  masterPids(): number[] {
    const all = this.processes();
    const pids = new Set(all.map(({ pid }) => pid));
    return all
      .filter(({ isWorker, parentPid }) => !isWorker && !pids.has(parentPid))
      .map(({ pid }) => pid);
  }

  /** Signals the spawned process if it is alive. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Sends GET to the admin port. */
  get(path: string): Promise<HttpAnswer> {
    return httpGet(this.adminPort, path);
  }

  /** Returns the JSON of /status; the caller states its type. */
  async status<Status = Record<string, unknown>>(): Promise<Status> {
    return JSON.parse(await this.#getText("/status")) as Status;
  }

  /** Returns the text of /metrics. */
  metrics(): Promise<string> {
    return this.#getText("/metrics");
  }

  /** Sums the samples with that name whose labels include these. */
  async metricSum(
    name: string,
    labels?: Readonly<Record<string, string>>,
  ): Promise<number> {
    return sumOf(parseMetrics(await this.metrics()), name, labels);
  }

  /**
   * Sends QUIT and waits until all processes have exited. After the time-out it
   * kills the remaining ones and rejects: a daemon must exit by itself.
   */
  async stop({ timeoutMs = STOP_TIMEOUT_MS } = {}): Promise<void> {
    this.signal("SIGQUIT");
    const signaled = new Set([this.pid]);
    const hasLeft = () => {
      // Scanning all processes of the machine takes milliseconds.
      if (this.#ownPidIfAlive().length > 0) return false;
      // A new master is found only after its parent, the old one, has exited.
      const masters = this.masterPids().filter((pid) => !signaled.has(pid));
      for (const pid of masters) {
        signaled.add(pid);
        signalIfAlive(pid, "SIGQUIT");
      }
      return masters.length === 0 && !this.#isAlive();
    };
    const what = "the daemon's processes to leave";
    try {
      await waitUntil(hasLeft, { what, timeoutMs });
    } catch (cause) {
      const left = this.kill();
      await waitUntil(() => !this.#isAlive(), { what });
      const pids = left.join(", ");
      throw new Error(
        `had to kill ${pids} of daemon ${this.pid}\n${this.#log.tail}`,
        { cause },
      );
    } finally {
      this.removeRuntimeFolder();
      daemons.delete(this);
    }
  }

  /** Call it when no process of the daemon is left. */
  removeRuntimeFolder(): void {
    rmSync(this.runtimeFolder, { recursive: true, force: true });
  }

  /** Sends KILL to every process of the daemon; returns their pids. */
  kill(): number[] {
    const others = this.processes().map(({ pid }) => pid);
    const pids = [...new Set([...this.#ownPidIfAlive(), ...others])];
    for (const pid of pids) signalIfAlive(pid, "SIGKILL");
    return pids;
  }

  /** Describes the state of a daemon that does not become ready. */
  async endingSoFar(): Promise<string> {
    const isAlive = () => this.#ownPidIfAlive().length > 0;
    if (this.#log.hasEnded) {
      // The exit follows soon, unless the daemon only closed its output.
      const what = "the daemon to exit";
      await waitUntil(() => !isAlive(), { what }).catch(() => {});
    }
    const hasExited = !isAlive();
    // The last output may arrive after the exit.
    if (hasExited && this.processes().length === 0) await this.#closed;
    const { exitCode, signalCode } = this.#child;
    const how = hasExited
      ? `exited with ${exitCode ?? signalCode}`
      : "still runs";
    return `${how}\nstdout:\n${this.#log.tail}\nstderr:\n${this.#stderr}`;
  }

  async #getText(path: string): Promise<string> {
    const { status, body } = await this.get(path);
    if (status === 200) return body;
    throw new Error(`GET ${path}: ${status} ${body}`);
  }

  #isAlive(): boolean {
    return this.#ownPidIfAlive().length + this.processes().length > 0;
  }

  #ownPidIfAlive(): number[] {
    const { pid, exitCode, signalCode } = this.#child;
    const isAlive = exitCode === null && signalCode === null;
    return pid !== undefined && isAlive ? [pid] : [];
  }
}

function addressIn({ scheme, host, port, socketPath }: LogLine): ServerAddress {
  const over = scheme === "https" ? { tls: TRUSTING } : {};
  if (typeof port !== "number") {
    return { socketPath: String(socketPath), ...over };
  }
  const isOfIpv6 = String(host).includes(":");
  return { port, ...over, ...(isOfIpv6 && { host: "::1" }) };
}

function withPorts(args: readonly string[], hasOwn: boolean): string[] {
  const has = (...flags: string[]) =>
    args.some((arg) => flags.includes(arg.split("=", 1)[0] ?? ""));
  const added: string[] = [];
  if (!hasOwn && !has("--port", "--socket-path")) added.push("--port", "0");
  if (!has("--admin-port", "--admin-socket-path"))
    added.push("--admin-port", "0");
  return [...added, ...args];
}
