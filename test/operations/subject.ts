import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { descriptorsAtMost } from "../support/descriptors-at-most.ts";
import { FailureCauses } from "../support/failure-causes.ts";
import {
  heldConnections,
  waitingToBeAccepted,
} from "../support/held-connections.ts";
import { httpPost } from "../support/http-post.ts";
import { signalIfAlive } from "../support/signal-if-alive.ts";
import { type WaitOptions, waitUntil } from "../support/wait-until.ts";

export interface SubjectStatus {
  readonly pid: number;
  readonly phase: string;
  readonly generation: number;
  readonly workersWanted: number;
  readonly roll: object | null;
  readonly upgrade: {
    readonly state: string;
    readonly predecessorPid: number | null;
  };
  readonly workers: readonly WorkerStatus[];
}

export interface WorkerStatus {
  readonly slot: number;
  readonly pid: number;
  readonly state: "starting" | "ready" | "draining";
  readonly generation: number;
  readonly requests: number;
}

export interface SubjectOptions {
  /** An empty folder; the caller removes it. */
  readonly folder: string;
  readonly scheduling: string;
  readonly workers: number;
  /** Overrides of the defaults. */
  readonly settings?: Settings;
  /** Limit of each of its processes; default: the limit of this process. */
  readonly descriptorLimit?: number;
}

type Settings = Readonly<Record<string, unknown>>;

const APP = pathToFileURL(path.resolve("test/fixtures/traced-app.js")).href;
const GOOD_APP = `export { default } from ${JSON.stringify(APP)};\n`;
/** Longer than any operation takes while other tests run. */
const OPERATION_TIMEOUT_MS = 60_000;

const HAS_LEFT: LogLine = { msg: "the master has left meanwhile" };
const MAX_ASKED_MS = 2_000;

/**
 * The daemon under test. Operations may change its config file, and its folder
 * of releases, which has a link to the current one.
 */
export class Subject {
  readonly daemon: Daemon;
  /** Records the processes that operations kill. */
  readonly failureCauses: FailureCauses;
  /** Number of requests by operations, which the load does not count. */
  uncountedByClient = 0;
  readonly #folder: string;
  #settings: Settings;
  #releases = 1;

  static async start(options: SubjectOptions): Promise<Subject> {
    const { folder, scheduling, workers, descriptorLimit } = options;
    const settings = {
      app: "current/app.mjs",
      workers,
      scheduling,
      // No delay for a balancer. The linger is much longer than the pauses of
      // the client, even on a busy machine.
      drain: { preStopDelayMs: 0, lingerMs: 5_000, deadlineMs: 20_000 },
      ...options.settings,
    };
    mkdirSync(traceFolder(folder));
    release(folder, 1, GOOD_APP);
    write(folder, settings);
    const daemon = await startDaemon({
      ...(descriptorLimit !== undefined && {
        launcher: descriptorsAtMost(descriptorLimit),
      }),
      args: ["--config", path.join(folder, "remuda.config.json")],
      env: { TRACE_FOLDER: traceFolder(folder) },
    });
    return new Subject(daemon, folder, settings);
  }

  private constructor(daemon: Daemon, folder: string, settings: Settings) {
    this.daemon = daemon;
    this.failureCauses = new FailureCauses(traceFolder(folder));
    this.#folder = folder;
    this.#settings = settings;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Takes effect at the next reload. */
  configure(changes: Settings): void {
    this.#settings = { ...this.#settings, ...changes };
    write(this.#folder, this.#settings);
  }

  /** Writes a release to disk; by default its app works. */
  deploy(source = GOOD_APP): void {
    release(this.#folder, ++this.#releases, source);
  }

  status(): Promise<SubjectStatus> {
    return this.daemon.status<SubjectStatus>();
  }

  /** Signals the current master; an upgrade replaces the process. */
  async signal(name: NodeJS.Signals): Promise<void> {
    signalIfAlive((await this.status()).pid, name);
  }

  /** POST over the control socket; false if it is refused. */
  async control(path: string): Promise<boolean> {
    const socketPath = this.daemon.controlSocketPath;
    const { status, body } = await httpPost(socketPath, path).catch((error) => {
      // The old master has removed its socket; the new one has another.
      const isAway = ["ENOENT", "ECONNREFUSED", "ECONNRESET"].includes(
        error.code,
      );
      if (isAway) return { status: 409, body: "" };
      throw error;
    });
    if (status >= 300 && status !== 409) throw new Error(`${path}: ${body}`);
    return status < 300;
  }

  /** Sends KILL and records it. Returns false if the process has exited. */
  kill(pid: number, held?: ReadonlySet<number>): boolean {
    this.failureCauses.addDeath(pid, held);
    return signalIfAlive(pid, "SIGKILL");
  }

  /**
   * Records the workers that the master killed. Returns the log lines of deaths
   * without a known cause.
   */
  readDeathsFromLog(): string[] {
    for (const { msg, workerPid, time } of this.daemon.logs) {
      if (msg !== "killed worker") continue;
      // The master samples the stacks, kills the worker, and then logs it.
      const loggedMs = Number(time) - performance.timeOrigin;
      const atMs = loggedMs - MAX_ASKED_MS;
      this.failureCauses.addDeathBetween(Number(workerPid), atMs, loggedMs);
    }
    const deaths = this.daemon.logs.filter(({ msg, workerPid }) => {
      const hasDied = msg?.startsWith("worker died");
      return hasDied && !this.failureCauses.hasDied(Number(workerPid));
    });
    return deaths.map((line) => JSON.stringify(line));
  }

  /**
   * Signals the master, and waits for a log message that begins with one of the
   * texts. A master that is exiting ignores signals: then the result is
   * `HAS_LEFT`.
   */
  async signalUntil(
    name: NodeJS.Signals,
    beginnings: readonly string[],
  ): Promise<LogLine> {
    const since = this.daemon.logs.length;
    const { pid } = await this.status();
    const answer = () => {
      const later = this.daemon.logs.slice(since);
      return later.find(({ msg = "", pid: of }) => {
        return of === pid && beginnings.some((one) => msg.startsWith(one));
      });
    };
    if (!signalIfAlive(pid, name)) return HAS_LEFT;
    return waitUntil(() => answer() ?? (isAlive(pid) ? undefined : HAS_LEFT), {
      what: `the result of ${name}`,
      timeoutMs: OPERATION_TIMEOUT_MS,
    }) as Promise<LogLine>;
  }

  async readyWorkers(): Promise<WorkerStatus[]> {
    const { workers } = await this.status();
    return workers.filter(({ state }) => state === "ready");
  }

  /** Waits until the status meets the condition. */
  until(
    isSo: (status: SubjectStatus) => boolean,
    { what, timeoutMs = OPERATION_TIMEOUT_MS }: WaitOptions,
  ): Promise<SubjectStatus> {
    const asked = async () => {
      const status = await this.status();
      return isSo(status) && status;
    };
    return waitUntil(asked, { what, timeoutMs }) as Promise<SubjectStatus>;
  }

  /**
   * Counts connections of all processes and in the kernel. Metrics lack those
   * that wait in the master for a worker, or for a frozen master.
   */
  async untilConnectionsAtMost(count: number): Promise<void> {
    const isSo = () => {
      const { port } = this.daemon;
      const held = this.daemon.processes().map(({ pid }) => {
        return heldConnections(pid).size;
      });
      const all = held.reduce((sum, each) => sum + each, 0);
      return all + waitingToBeAccepted(port) <= count;
    };
    const what = `no more than ${count} connections`;
    await waitUntil(isSo, { what, timeoutMs: OPERATION_TIMEOUT_MS });
  }

  /** Waits until all wanted workers are ready and no others exist. */
  untilSettled(): Promise<SubjectStatus> {
    const isSettled = (status: SubjectStatus) => {
      const { workers, workersWanted, roll, upgrade } = status;
      const areReady = workers.every(({ state }) => state === "ready");
      const isQuiet = roll === null && upgrade.predecessorPid === null;
      return isQuiet && areReady && workers.length === workersWanted;
    };
    return this.until(isSettled, { what: "the worker pool to settle" });
  }
}

function isAlive(pid: number): boolean {
  return signalIfAlive(pid, 0);
}

/** Holds one file per worker with the numbers of its begun requests. */
function traceFolder(folder: string): string {
  return path.join(folder, "begun");
}

function write(folder: string, settings: Settings): void {
  const file = path.join(folder, "remuda.config.json");
  writeFileSync(`${file}.new`, JSON.stringify(settings));
  // A reload that reads it meanwhile sees the old or the new one.
  renameSync(`${file}.new`, file);
}

function release(folder: string, number: number, source: string): void {
  const name = `release-${number}`;
  mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, name, "app.mjs"), source);
  const link = path.join(folder, "current");
  symlinkSync(name, `${link}.new`);
  renameSync(`${link}.new`, link);
}
