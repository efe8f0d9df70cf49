import { treeUsage } from "../../bench/process-tree.ts";
import type { ClientReport } from "../support/client-report.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { parseMetrics, sumOf } from "../support/prometheus.ts";
import { waitUntil } from "../support/wait-until.ts";
import type { Helper } from "./helper.ts";
import type { HostileKind } from "./kind.ts";
import { busyMs } from "./machine-time.ts";
import { descriptorCount, PeakMemory } from "./process-memory.ts";
import type { Tally } from "./tally.ts";

export interface Timing {
  readonly seconds: number;
  readonly warmupSeconds: number;
}

/** Processes that create load; without an attacker it is a baseline. */
export interface Clients {
  readonly load: Helper;
  readonly attacker?: Helper;
}

export interface Attack {
  readonly kind: HostileKind;
  readonly scale: number;
  readonly isLowPriority: boolean;
}

/** Measurements of one phase with well-behaved clients. */
export interface Phase {
  readonly seconds: number;
  readonly report: ClientReport;
  /** Peak resident bytes of each worker and of the master. */
  readonly workerPeaks: readonly number[];
  readonly masterPeak: number;
  /** Cores in use, from 0 to the number of cores. */
  readonly serverCpu: number;
  readonly loadCpu: number;
  /** Cores in use by all processes of the machine. */
  readonly machineCpu: number;
}

export interface AttackPhase extends Phase {
  readonly tally: Tally;
  readonly attackCpu: number;
  /** Growth by reason. */
  readonly parseErrors: Readonly<Record<string, number>>;
  readonly restarts: number;
  /** Total of workers and master. */
  readonly descriptorsBefore: number;
  readonly descriptorsAfter: number;
}

interface Counts {
  readonly parseErrors: Readonly<Record<string, number>>;
  readonly restarts: number;
}

const SPARE_MS = 60_000;
const SETTLE_MS = 20_000;

/**
 * Arguments that make time-outs observable within a run: the defaults, capped
 * at a fraction of its duration.
 */
export function timeoutArgs(seconds: number): string[] {
  const within = (defaultMs: number, share: number) => {
    return String(Math.min(defaultMs, Math.ceil(seconds * 1000 * share)));
  };
  return [
    ["--head-timeout-ms", within(10_000, 0.25)],
    ["--body-timeout-ms", within(30_000, 0.25)],
    ["--write-timeout-ms", within(30_000, 0.25)],
    ["--keep-alive-timeout-ms", within(75_000, 0.5)],
    ["--lingering-close-timeout-ms", within(5_000, 0.25)],
  ].flat();
}

/** A daemon and its clients. */
export class Arena {
  readonly #daemon: Daemon;
  readonly #workerPids: readonly number[];

  static async start(args: readonly string[]): Promise<Arena> {
    const app = "test/hostile/app.js";
    return new Arena(await startDaemon({ app, args }));
  }

  private constructor(daemon: Daemon) {
    this.#daemon = daemon;
    this.#workerPids = daemon.workerPids();
  }

  get workerCount(): number {
    return this.#workerPids.length;
  }

  async baseline(load: Helper, timing: Timing): Promise<Phase> {
    const phase = await this.#measure(load, timing, () => {});
    await this.#untilQuiet(Number.POSITIVE_INFINITY);
    return phase;
  }

  async attack(
    { load, attacker }: Required<Clients>,
    { kind, scale, isLowPriority }: Attack,
    timing: Timing,
  ): Promise<AttackPhase> {
    const before = await this.#counts();
    const descriptorsBefore = this.#descriptors();
    const ms = timing.seconds * 1000;
    let startedAt = 0;
    const phase = await this.#measure(load, timing, () => {
      startedAt = performance.now();
      attacker.tell({
        type: "attack",
        kind: kind.name,
        port: this.#daemon.port,
        scale,
        isLowPriority,
        maxMs: ms + SPARE_MS,
      });
    });
    await this.#untilDefended(kind, attacker, before);
    const attackMs = performance.now() - startedAt;
    attacker.tell({ type: "end" });
    const { tally, cpuMs } = await attacker.hear("tally", SPARE_MS);
    const descriptorsAfter = await this.#untilQuiet(descriptorsBefore);
    const after = await this.#countsAfter(kind, tally, before);
    const isSame = `${this.#daemon.workerPids()}` === `${this.#workerPids}`;
    return {
      ...phase,
      tally,
      attackCpu: cpuMs / attackMs,
      parseErrors: after.parseErrors,
      restarts: isSame ? after.restarts : Math.max(1, after.restarts),
      descriptorsBefore,
      descriptorsAfter,
    };
  }

  stop(): Promise<void> {
    return this.#daemon.stop();
  }

  async #measure(
    load: Helper,
    { seconds, warmupSeconds }: Timing,
    onMeasuring: () => void,
  ): Promise<Phase> {
    const [ms, warmupMs] = [seconds * 1000, warmupSeconds * 1000];
    load.tell({ type: "load", port: this.#daemon.port, warmupMs, ms });
    await load.hear("measuring", warmupMs + SPARE_MS);
    const memory = new PeakMemory([this.#daemon.pid, ...this.#workerPids]);
    try {
      const startedCpu = this.#cpuSeconds();
      const startedBusyMs = busyMs();
      onMeasuring();
      const { report, cpuMs } = await load.hear("report", ms + SPARE_MS);
      const serverCpu = (this.#cpuSeconds() - startedCpu) / seconds;
      const machineCpu = (busyMs() - startedBusyMs) / ms;
      const loadCpu = cpuMs / ms;
      const [masterPeak = 0, ...workerPeaks] = memory.stop();
      const peaks = { workerPeaks, masterPeak };
      return { seconds, report, ...peaks, serverCpu, loadCpu, machineCpu };
    } finally {
      memory.stop();
    }
  }

  /**
   * Waits until all connections are closed and descriptors are back to their
   * earlier number.
   *
   * @returns the number of descriptors
   */
  async #untilQuiet(before: number): Promise<number> {
    const what = "the connections to be gone";
    let left = Number.POSITIVE_INFINITY;
    const isQuiet = async () => {
      const open = await this.#daemon.metricSum("server_connections");
      left = this.#descriptors();
      return open === 0 && left <= before;
    };
    // If they remain open, the figures show it.
    const waited = waitUntil(isQuiet, { what, timeoutMs: SETTLE_MS });
    await waited.catch(() => {});
    return left;
  }

  /**
   * Continues the attack until the defence is visible: on a busy machine the
   * time-outs of a short run may not have expired in the server.
   */
  async #untilDefended(
    kind: HostileKind,
    attacker: Helper,
    before: Counts,
  ): Promise<void> {
    const hasDefended = async () => {
      attacker.tell({ type: "report" });
      const { tally } = await attacker.hear("interim", SPARE_MS);
      const { parseErrors } = difference(await this.#counts(), before);
      return kind.defence({ tally, parseErrors }).every(({ isMet }) => isMet);
    };
    const options = { what: "the defence", timeoutMs: SETTLE_MS };
    // If the defence is missing, the checks report it.
    await waitUntil(hasDefended, options).catch(() => {});
  }

  /** Waits because workers send their counts once a second. */
  async #countsAfter(
    kind: HostileKind,
    tally: Tally,
    before: Counts,
  ): Promise<Counts> {
    let grown = before;
    const what = "the counters to say what was done";
    const isTold = async () => {
      grown = difference(await this.#counts(), before);
      const { parseErrors } = grown;
      return kind.defence({ tally, parseErrors }).every(({ isMet }) => isMet);
    };
    await waitUntil(isTold, { what }).catch(() => {});
    return grown;
  }

  async #counts(): Promise<Counts> {
    const metrics = parseMetrics(await this.#daemon.metrics());
    const errors = metrics.filter(({ name }) => {
      return name === "server_parse_errors_total";
    });
    return {
      parseErrors: Object.fromEntries(
        errors.map(({ labels, value }) => [labels.reason, value]),
      ),
      restarts: sumOf(metrics, "server_worker_restarts_total"),
    };
  }

  #descriptors(): number {
    const pids = [this.#daemon.pid, ...this.#daemon.workerPids()];
    return pids.reduce((sum, pid) => sum + descriptorCount(pid), 0);
  }

  #cpuSeconds(): number {
    const usage = treeUsage(this.#daemon.pid);
    return usage ? usage.userSeconds + usage.systemSeconds : 0;
  }
}

function difference(after: Counts, before: Counts): Counts {
  const parseErrors = Object.entries(after.parseErrors).map(
    ([reason, count]) => [reason, count - (before.parseErrors[reason] ?? 0)],
  );
  return {
    parseErrors: Object.fromEntries(parseErrors),
    restarts: after.restarts - before.restarts,
  };
}
