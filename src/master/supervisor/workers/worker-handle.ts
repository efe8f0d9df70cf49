import type { Settings } from "../../../shared/config/settings.ts";
import type { WatchdogQuestion } from "../../../shared/inspection/watchdog-channel.ts";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../../../shared/ipc-messages.ts";
import type {
  CheckReport,
  WorkerGauges,
} from "../../../shared/metrics/worker-report.ts";
import { transition } from "../../../shared/state-machine.ts";
import type {
  HealthExcuse,
  RestartReason,
  UnhealthyReason,
} from "../health/health.ts";
import { WorkerChannel } from "./worker-channel.ts";
import type {
  ForkProcess,
  WatchdogEvent,
  WorkerExit,
} from "./worker-process.ts";
import {
  WORKER_TRANSITIONS,
  type WorkerState,
  type WorkerView,
} from "./worker-state.ts";

export interface WorkerEvents {
  /** @param handle open, where one came with "handOver" */
  onMessage(
    worker: WorkerHandle,
    message: WorkerMessage,
    handle?: RawHandle,
  ): void;
  /** The worker has a connection, but has not read from it. */
  onArrived(worker: WorkerHandle, connectionId: number): void;
  /** The worker had no descriptor for the connection. */
  onRefused(worker: WorkerHandle, connectionId: number): void;
  onWatchdog(
    worker: WorkerHandle,
    event: WatchdogEvent,
    data: Buffer | undefined,
  ): void;
  /** The worker broke the protocol; its further messages are ignored. */
  onViolation(worker: WorkerHandle): void;
  /** The process has ended, and all its messages have been handled. */
  onGone(worker: WorkerHandle): void;
}

export interface WorkerIdentity {
  readonly slot: number;
  readonly generation: number;
  readonly settings: Settings;
  readonly startedAt: number;
  /**
   * From 0 to 1, drawn once; determines how far its recycling limits are
   * lowered.
   */
  readonly chance: number;
}

/** An error that a worker reports, or the reason why it could not be forked. */
export interface WorkerFailure {
  readonly message: string;
  readonly stack?: string;
}

/** The figures of a worker's last report. */
export interface WorkerStats {
  readonly gauges: WorkerGauges;
  readonly checks: readonly CheckReport[];
  /** Requests answered. */
  readonly requestCount: number;
}

/** The kernel's figures of a worker process. */
export interface WorkerUsage {
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
}

const NO_STATS: WorkerStats = {
  gauges: {
    openConnections: 0,
    idleConnections: 0,
    activeRequests: 0,
    eventLoopUtilization: 0,
  },
  checks: [],
  requestCount: 0,
};

/** A worker, as the master sees it. */
export class WorkerHandle implements WorkerView {
  readonly slot: number;
  readonly generation: number;
  readonly settings: Settings;
  readonly startedAt: number;
  readonly chance: number;
  readonly #channel: WorkerChannel;
  #state: WorkerState = "starting";
  #readyAt: number | undefined;
  #drainingSince: number | undefined;
  #lastHeartbeatAt: number;
  #retireReason: RestartReason | undefined;
  #killReason: UnhealthyReason | undefined;
  #failure: WorkerFailure | undefined;
  #excuse: HealthExcuse | undefined;
  #stats = NO_STATS;
  #usage: WorkerUsage = { memoryBytes: 0, cpuSeconds: 0 };

  constructor(
    fork: ForkProcess,
    identity: WorkerIdentity,
    events: WorkerEvents,
  ) {
    this.slot = identity.slot;
    this.generation = identity.generation;
    this.settings = identity.settings;
    this.startedAt = identity.startedAt;
    this.chance = identity.chance;
    this.#lastHeartbeatAt = identity.startedAt;
    this.#channel = new WorkerChannel(fork, {
      onMessage: (message, handle) => events.onMessage(this, message, handle),
      onArrived: (connectionId) => events.onArrived(this, connectionId),
      onRefused: (connectionId) => events.onRefused(this, connectionId),
      onWatchdog: (event, data) => events.onWatchdog(this, event, data),
      onViolation: () => events.onViolation(this),
      onForkFailed: ({ message }) => {
        this.fail({ message: `cannot start a worker process: ${message}` });
      },
      onEnd: () => events.onGone(this),
    });
  }

  /** Unique among the workers of this master. */
  get id(): number {
    return this.#channel.id;
  }

  /** 0 if there is no process. */
  get pid(): number {
    return this.#channel.pid;
  }

  // --- its life

  get state(): WorkerState {
    return this.#state;
  }

  get readyAt(): number | undefined {
    return this.#readyAt;
  }

  get drainingSince(): number | undefined {
    return this.#drainingSince;
  }

  markReady(now: number): void {
    this.#transition("ready");
    this.#readyAt = now;
    this.#lastHeartbeatAt = now;
  }

  /** Sends no message: the caller first stops connections to the worker. */
  markDraining(now: number): void {
    this.#transition("draining");
    this.#drainingSince = now;
  }

  markGone(): void {
    this.#transition("gone");
  }

  #transition(to: WorkerState): void {
    this.#state = transition(WORKER_TRANSITIONS, this.#state, to);
  }

  /** Reason to replace the worker; undefined if it may stay. */
  get retireReason(): RestartReason | undefined {
    return this.#retireReason;
  }

  get wantsToRetire(): boolean {
    return this.#retireReason !== undefined;
  }

  retire(reason: RestartReason): void {
    this.#retireReason = reason;
  }

  /** The error that keeps the worker from serving. */
  get failure(): WorkerFailure | undefined {
    return this.#failure;
  }

  fail(failure: WorkerFailure): void {
    this.#failure = failure;
  }

  // --- its process

  get isAlive(): boolean {
    return this.#channel.exit === undefined;
  }

  get exit(): WorkerExit | undefined {
    return this.#channel.exit;
  }

  /** Reason why the master kills the worker; undefined if it does not. */
  get killReason(): UnhealthyReason | undefined {
    return this.#killReason;
  }

  /** Keeps the first reason. */
  markUnhealthy(reason: UnhealthyReason): void {
    if (this.isAlive) this.#killReason ??= reason;
  }

  kill(signal: NodeJS.Signals): void {
    this.#channel.kill(signal);
  }

  // --- its messages

  /** Description of the first protocol violation, by message or channel. */
  get violation(): string | undefined {
    return this.#channel.violation;
  }

  /** Whether the worker has sent "hello", after which it handles messages. */
  get isGreeted(): boolean {
    return this.#channel.isGreeted;
  }

  /** Whether the worker has sent "leaving". */
  get isLeaving(): boolean {
    return this.#channel.isLeaving;
  }

  /**
   * The message is lost if the worker is gone, which `onGone` reports.
   *
   * @param onSent called when the system has taken the message
   */
  send(message: MasterMessage, handle?: RawHandle, onSent?: () => void): void {
    this.#channel.send(message, handle, onSent);
  }

  // --- its watchdog

  askWatchdog(question: WatchdogQuestion): void {
    this.#channel.askWatchdog(question);
  }

  /** Reads no more of its answers until `resumeWatchdog()`. */
  pauseWatchdog(): void {
    this.#channel.pauseWatchdog();
  }

  resumeWatchdog(): void {
    this.#channel.resumeWatchdog();
  }

  // --- its health

  get lastHeartbeatAt(): number {
    return this.#lastHeartbeatAt;
  }

  recordHeartbeat(now: number): void {
    this.#lastHeartbeatAt = now;
  }

  get excuse(): HealthExcuse | undefined {
    return this.#excuse;
  }

  /** An inspection stops the main thread. */
  excuseFor(excuse: HealthExcuse): void {
    this.#excuse = excuse;
  }

  /** From now on a missing heartbeat counts again. */
  endExcuse(now: number): void {
    if (this.#excuse === undefined) return;
    this.#excuse = undefined;
    this.recordHeartbeat(now);
  }

  // --- its figures

  get gauges(): WorkerGauges {
    return this.#stats.gauges;
  }

  get checks(): readonly CheckReport[] {
    return this.#stats.checks;
  }

  /** Requests answered, as of the last heartbeat. */
  get requestCount(): number {
    return this.#stats.requestCount;
  }

  recordStats(stats: WorkerStats): void {
    this.#stats = stats;
  }

  get memoryBytes(): number {
    return this.#usage.memoryBytes;
  }

  get cpuSeconds(): number {
    return this.#usage.cpuSeconds;
  }

  /** CPU seconds never decrease, even if the kernel's figure does. */
  recordUsage({ memoryBytes, cpuSeconds }: WorkerUsage): void {
    const most = Math.max(this.cpuSeconds, cpuSeconds);
    this.#usage = { memoryBytes, cpuSeconds: most };
  }
}
