import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { descriptorsAtMost } from "../support/descriptors-at-most.ts";
import {
  heldConnections,
  waitingToBeAccepted,
} from "../support/held-connections.ts";
import { httpPost } from "../support/http-post.ts";
import { Inquest } from "../support/inquest.ts";
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
  /** Empty, and whoever made it removes it. */
  readonly folder: string;
  readonly scheduling: string;
  readonly workers: number;
  /** Over those that all have. */
  readonly settings?: Settings;
  /** Limit of each of its processes; default: the limit of this process. */
  readonly descriptorLimit?: number;
}

type Settings = Readonly<Record<string, unknown>>;

const APP = pathToFileURL(path.resolve("test/fixtures/traced-app.js")).href;
const GOOD_APP = `export { default } from ${JSON.stringify(APP)};\n`;
/** Longer than any operation may take while other tests run beside. */
const OPERATION_TIMEOUT_MS = 60_000;

const HAS_LEFT: LogLine = { msg: "the master has left meanwhile" };
const MAX_ASKED_MS = 2_000;

/**
 * A daemon that operations are done to. It has a config file that they may
 * change, and a folder of releases with a link to the current one, as a
 * deployment has.
 */
export class Subject {
  readonly daemon: Daemon;
  /** Knows whom operations have killed. */
  readonly inquest: Inquest;
  /** Requests of operations themselves, which the load does not know. */
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
      // The defaults, but for what waits for a balancer. The linger is much
      // longer than the client pauses, also where its machine is busy.
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
    this.inquest = new Inquest(traceFolder(folder));
    this.#folder = folder;
    this.#settings = settings;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** In force at the next reload. */
  configure(changes: Settings): void {
    this.#settings = { ...this.#settings, ...changes };
    write(this.#folder, this.#settings);
  }

  /** Puts an app on disk, by default one that works. */
  deploy(source = GOOD_APP): void {
    release(this.#folder, ++this.#releases, source);
  }

  status(): Promise<SubjectStatus> {
    return this.daemon.status<SubjectStatus>();
  }

  /** To the master: after an upgrade that is another process. */
  async signal(name: NodeJS.Signals): Promise<void> {
    signalIfAlive((await this.status()).pid, name);
  }

  /** POST over the control socket; false if it is refused. */
  async control(path: string): Promise<boolean> {
    const socketPath = this.daemon.controlSocketPath;
    const { status, body } = await httpPost(socketPath, path).catch((error) => {
      // The old master has left with it, and the new one has one of its own.
      const isAway = ["ENOENT", "ECONNREFUSED", "ECONNRESET"].includes(
        error.code,
      );
      if (isAway) return { status: 409, body: "" };
      throw error;
    });
    if (status >= 300 && status !== 409) throw new Error(`${path}: ${body}`);
    return status < 300;
  }

  /** KILL, and the inquest hears of it. False if it has left already. */
  kill(pid: number, held?: ReadonlySet<number>): boolean {
    this.inquest.addDeath(pid, held);
    return signalIfAlive(pid, "SIGKILL");
  }

  /**
   * Tells the inquest whom the master has killed, and returns who died of
   * nothing known.
   */
  inquireIntoLog(): string[] {
    for (const { msg, workerPid, time } of this.daemon.logs) {
      if (msg !== "killed worker") continue;
      // It is asked where it hangs, killed, and then told of.
      const toldMs = Number(time) - performance.timeOrigin;
      const atMs = toldMs - MAX_ASKED_MS;
      this.inquest.addDeathBetween(Number(workerPid), atMs, toldMs);
    }
    const deaths = this.daemon.logs.filter(({ msg, workerPid }) => {
      const hasDied = msg?.startsWith("worker died");
      return hasDied && !this.inquest.hasDied(Number(workerPid));
    });
    return deaths.map((line) => JSON.stringify(line));
  }

  /**
   * Signals the master, and waits for a message in its log that begins with one
   * of these. Nothing comes of a signal to a master that is just leaving: then
   * what is returned says so in the same form.
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
      what: `what comes of ${name}`,
      timeoutMs: OPERATION_TIMEOUT_MS,
    }) as Promise<LogLine>;
  }

  async readyWorkers(): Promise<WorkerStatus[]> {
    const { workers } = await this.status();
    return workers.filter(({ state }) => state === "ready");
  }

  /** Until the status is so. */
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
   * With all processes and in the kernel: those that wait in the master for a
   * worker, or for a master that is frozen, are in no metric.
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

  /** Until as many workers as wanted are ready, and no others are there. */
  untilSettled(): Promise<SubjectStatus> {
    const isSettled = (status: SubjectStatus) => {
      const { workers, workersWanted, roll, upgrade } = status;
      const areReady = workers.every(({ state }) => state === "ready");
      const isQuiet = roll === null && upgrade.predecessorPid === null;
      return isQuiet && areReady && workers.length === workersWanted;
    };
    return this.until(isSettled, { what: "the herd to settle" });
  }
}

function isAlive(pid: number): boolean {
  return signalIfAlive(pid, 0);
}

/** With a file for each worker: the numbers of the requests it has begun. */
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
