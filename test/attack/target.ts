/** A daemon under attack, with a replaceable config file. */
import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { descriptorCount, residentBytes } from "../hostile/process-memory.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { descriptorsAtMost } from "../support/descriptors-at-most.ts";
import { httpGet } from "../support/http-get.ts";
import { signalIfAlive } from "../support/signal-if-alive.ts";
import { waitUntil } from "../support/wait-until.ts";
import type { Attack } from "./attack.ts";

export interface TargetOptions {
  readonly attack: Attack;
  readonly scheduling: string;
  /** Empty folder, which its creator removes. */
  readonly folder: string;
}

/** Totals of the master and its ready workers. */
export interface Usage {
  readonly descriptors: number;
  readonly residentBytes: number;
}

interface Status {
  readonly pid: number;
  readonly roll: object | null;
  readonly workersWanted: number;
  readonly upgrade: { readonly predecessorPid: number | null };
  readonly workers: readonly { readonly pid: number; readonly state: string }[];
}

const APP = path.resolve("test/attack/app.js");
const WORKERS = 2;
const SETTLE_MS = 60_000;
const REQUEST_MS = 5_000;
const RELOAD_ENDS = [
  "reloaded",
  "reload failed",
  "reload refused",
  "reload ignored",
];
/** Consecutive responses that prove recovery. */
const ANSWERS_IN_A_ROW = 20;

export class Target {
  readonly daemon: Daemon;
  readonly scheduling: string;
  readonly #configFile: string;

  static async start(options: TargetOptions): Promise<Target> {
    const { attack, scheduling, folder } = options;
    const configFile = path.join(folder, "remuda.config.mjs");
    writeFileSync(configFile, goodConfig(scheduling));
    const limit = attack.descriptorLimit;
    const daemon = await startDaemon({
      args: ["--config", configFile],
      ...(attack.env && { env: attack.env }),
      ...(limit && {
        launcher: descriptorsAtMost(limit),
      }),
    });
    return new Target(daemon, configFile, scheduling);
  }

  private constructor(daemon: Daemon, configFile: string, scheduling: string) {
    this.daemon = daemon;
    this.#configFile = configFile;
    this.scheduling = scheduling;
  }

  /** Writes the config for the next reload; by default the working one. */
  configure(source = goodConfig(this.scheduling)): void {
    writeFileSync(`${this.#configFile}.new`, source);
    renameSync(`${this.#configFile}.new`, this.#configFile);
  }

  status(): Promise<Status> {
    return this.daemon.status<Status>();
  }

  /** Signals the current master; an upgrade replaces the process. */
  async signal(name: NodeJS.Signals): Promise<void> {
    process.kill((await this.status()).pid, name);
  }

  /** Sends HUP and waits for the log line with the result. */
  async reload(): Promise<string> {
    const since = this.daemon.logs.length;
    await this.signal("SIGHUP");
    const says = ({ msg = "" }: LogLine) => {
      return RELOAD_ENDS.some((one) => msg.startsWith(one));
    };
    const options = { since, timeoutMs: SETTLE_MS };
    const { msg = "" } = await this.daemon.waitForLog(says, options);
    return msg;
  }

  /** Requests `target` on a new connection and returns the body. */
  async ask(target: string): Promise<string> {
    const { port } = this.daemon;
    const { status, body } = await httpGet(port, target, REQUEST_MS);
    if (status !== 200) throw new Error(`${target}: ${status} ${body}`);
    return body;
  }

  /**
   * Waits until all workers are ready, none is exiting, and new connections are
   * answered.
   *
   * @returns the time that took
   */
  async untilWell(): Promise<number> {
    const startedMs = performance.now();
    const isWell = async () => {
      const status = await this.status();
      const { workers, workersWanted, roll, upgrade } = status;
      const areReady = workers.every(({ state }) => state === "ready");
      const isQuiet = roll === null && upgrade.predecessorPid === null;
      if (!isQuiet || !areReady || workers.length !== workersWanted) {
        throw new Error(JSON.stringify(status));
      }
      for (let each = 0; each < ANSWERS_IN_A_ROW; each++) await this.ask("/");
      return true;
    };
    const what = "the daemon to be well again";
    await waitUntil(isWell, { what, timeoutMs: SETTLE_MS });
    return performance.now() - startedMs;
  }

  /** Waits because the master keeps a file open per worker that it measures. */
  async untilMeasured(): Promise<void> {
    const name = "server_worker_resident_memory_bytes";
    const areMeasured = async () => {
      const slots = Array.from({ length: WORKERS }, (_, index) => index + 1);
      const bytes = await Promise.all(
        slots.map((slot) => this.daemon.metricSum(name, { worker: `${slot}` })),
      );
      return bytes.every((each) => each > 0);
    };
    await waitUntil(areMeasured, { what: "figures of all workers" });
  }

  /**
   * Signals only ready workers: before the app is loaded, the signal would
   * kill.
   */
  async collectGarbage(): Promise<void> {
    const { workers } = await this.status();
    for (const { pid, state } of workers) {
      if (state === "ready") signalIfAlive(pid, "SIGUSR2");
    }
  }

  /** Current usage; call it when all workers are ready. */
  async usage(): Promise<Usage> {
    const { pid, workers } = await this.status();
    const pids = [pid, ...workers.map((worker) => worker.pid)];
    return {
      descriptors: sumOf(pids, descriptorCount),
      residentBytes: sumOf(pids, residentBytes),
    };
  }
}

function goodConfig(scheduling: string): string {
  const settings = {
    // A symbolic link to the app could not resolve the app's imports.
    app: pathToFileURL(APP).pathname,
    workers: WORKERS,
    scheduling,
    drain: { preStopDelayMs: 0, lingerMs: 5_000, deadlineMs: 10_000 },
  };
  return `export default ${JSON.stringify(settings)};\n`;
}

function sumOf(pids: readonly number[], take: (pid: number) => number): number {
  return pids.reduce((sum, pid) => sum + take(pid), 0);
}
