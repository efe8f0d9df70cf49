/**
 * The state of the server as load balancers see it: on the data port, where the
 * workers answer, and on the port for HAProxy's agent-check.
 */
import type { Clock } from "../../shared/clock.ts";
import type { MasterMessage } from "../../shared/ipc-messages.ts";
import { NOT_STARTED, type Readiness } from "../../shared/readiness.ts";
import type { LoadView } from "../supervisor/scaling/autoscale.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerPool } from "../supervisor/workers/worker-pool.ts";
import { serverReadiness } from "./server-readiness.ts";

export interface BalancerStatusParts {
  readonly server: SupervisorView;
  readonly pool: WorkerPool;
  readonly clock: Clock;
}

export class BalancerStatus {
  readonly #parts: BalancerStatusParts;
  readonly #broadcast: ReadinessBroadcast;
  #samples: readonly UtilizationSample[] = [];

  constructor(parts: BalancerStatusParts) {
    this.#parts = parts;
    this.#broadcast = new ReadinessBroadcast(parts.pool);
  }

  /** The readiness that the workers report now. */
  get readiness(): Readiness {
    return this.#broadcast.current;
  }

  /** The line for HAProxy's agent-check. */
  get agentAnswer(): string {
    const { server, pool } = this.#parts;
    return agentAnswer(this.readiness, {
      readyWorkers: pool.countIn("ready"),
      workersWanted: server.target,
      utilization: meanUtilization(this.#samples),
    });
  }

  /** Called after each command of the supervisor. */
  update(): void {
    const { server, pool, clock } = this.#parts;
    const { workers } = pool;
    this.#samples = withSampleOf(this.#samples, workers, clock.now());
    this.#broadcast.update(serverReadiness({ server, workers }));
  }
}

interface Recipients {
  readonly workers: readonly {
    readonly isGreeted: boolean;
    send(message: MasterMessage): void;
  }[];
}

/**
 * Sends each change of the server's readiness to all workers. A worker that
 * boots later receives `current` with its boot message.
 */
export class ReadinessBroadcast {
  readonly #pool: Recipients;
  #current: Readiness = NOT_STARTED;

  constructor(pool: Recipients) {
    this.#pool = pool;
  }

  get current(): Readiness {
    return this.#current;
  }

  update(readiness: Readiness): void {
    if (isSame(readiness, this.#current)) return;
    this.#current = readiness;
    for (const worker of this.#pool.workers) {
      if (worker.isGreeted) worker.send({ type: "readiness", readiness });
    }
  }
}

function isSame(one: Readiness, other: Readiness): boolean {
  return (
    one.isReady === other.isReady &&
    one.why === other.why &&
    one.isClosing === other.isClosing
  );
}

/**
 * Keeps some requests coming to a server at its limit when it is the only one.
 */
const LEAST_PERCENT = 10;

export interface Capacity {
  readonly readyWorkers: number;
  readonly workersWanted: number;
  /** Mean utilization of the event loops of the ready workers, 0 to 1. */
  readonly utilization: number;
}

/**
 * The share of its weight that a server requests. The share of ready workers
 * counts in full, their utilization by half. So an instance never reacts to its
 * load by more than its deviation, and the load of several instances converges
 * even if the balancer learns of changes late.
 */
export function weightPercent(capacity: Capacity): number {
  const { readyWorkers, workersWanted, utilization } = capacity;
  const share = Math.min(1, readyWorkers / Math.max(1, workersWanted));
  const percent = Math.round(100 * share * (1 - utilization / 2));
  return Math.max(LEAST_PERCENT, percent);
}

/** "ready" ends an earlier "drain", "up" an earlier "down". */
export function agentAnswer(
  { isReady, why, isClosing }: Readiness,
  capacity: Capacity,
): string {
  if (isClosing) return "drain";
  if (!isReady) return `down #${why}`;
  return `up ready ${weightPercent(capacity)}%`;
}

/**
 * Workers report once a second; a worker whose report is older counts as fully
 * busy.
 */
const MAX_AGE_MS = 2_000;
/** Samples are averaged over this time, so that the weight does not jump. */
const WINDOW_MS = 5_000;
/**
 * Minimum interval between samples, because workers do not report more often.
 */
const LEAST_STEP_MS = 500;

export interface UtilizationSample {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** 0 to 1. */
  readonly utilization: number;
}

/** The samples in the window, plus a current one if the last is old enough. */
export function withSampleOf(
  before: readonly UtilizationSample[],
  workers: readonly LoadView[],
  now: number,
): readonly UtilizationSample[] {
  const last = before.at(-1);
  if (last && now - last.at < LEAST_STEP_MS) return before;
  const utilization = mean(utilizationsOf(workers, now));
  const samples = before.filter(({ at }) => now - at < WINDOW_MS);
  return utilization === undefined
    ? samples
    : [...samples, { at: now, utilization }];
}

/** 0 without samples. */
export function meanUtilization(samples: readonly UtilizationSample[]): number {
  return mean(samples.map(({ utilization }) => utilization)) ?? 0;
}

/** Skips workers that have not reported since they became ready. */
function utilizationsOf(workers: readonly LoadView[], now: number): number[] {
  return workers.flatMap(({ state, readyAt, lastHeartbeatAt, gauges }) => {
    if (state !== "ready") return [];
    if (now - lastHeartbeatAt > MAX_AGE_MS) return [1];
    const hasReported = lastHeartbeatAt > (readyAt ?? 0);
    return hasReported ? [gauges.eventLoopUtilization] : [];
  });
}

function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
