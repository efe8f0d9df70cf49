import type { Settings } from "../../../shared/config/settings.ts";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../../../shared/ipc-messages.ts";
import type {
  CheckReport,
  WorkerGauges,
} from "../../../shared/metrics/worker-snapshot.ts";
import type { StackAnswer } from "../../../shared/watchdog-channel.ts";
import { parseWorkerMessage } from "../../../shared/worker-messages.ts";
import type { RestartReason } from "../../metrics/counters.ts";
import { WorkerConversation } from "./worker-conversation.ts";
import type {
  ForkProcess,
  WorkerExit,
  WorkerProcess,
} from "./worker-process.ts";
import { canMove, type WorkerState, type WorkerView } from "./worker-state.ts";

export interface WorkerEvents {
  onMessage(worker: WorkerHandle, message: WorkerMessage): void;
  /** A connection has come there: it has not been read. */
  onArrived(worker: WorkerHandle, connectionId: number): void;
  /** It had no descriptor for the connection. */
  onRefused(worker: WorkerHandle, connectionId: number): void;
  /** It has said what no worker says; nothing more is heard of it. */
  onViolation(worker: WorkerHandle): void;
  /** The process has ended and everything it said has been heard. */
  onGone(worker: WorkerHandle): void;
}

export interface WorkerIdentity {
  readonly slot: number;
  readonly generation: number;
  readonly settings: Settings;
  readonly startedAt: number;
  /** From 0 to 1, drawn once: how much of its limits it does without. */
  readonly chance: number;
}

const NO_GAUGES: WorkerGauges = {
  openConnections: 0,
  idleConnections: 0,
  activeRequests: 0,
  eventLoopUtilization: 0,
};

/**
 * What a process has said is in our hands when we hear of its exit: so many
 * turns of the event loop without a word, and there is nothing left.
 */
const QUIET_TURNS = 3;

/** It goes into a log line. */
const MAX_VIOLATION_CHARS = 200;

/** A worker as the master sees it. */
export class WorkerHandle implements WorkerView {
  readonly slot: number;
  readonly generation: number;
  readonly settings: Settings;
  readonly startedAt: number;
  readonly chance: number;
  readyAt: number | undefined;
  drainingSince: number | undefined;
  lastHeartbeatAt: number;
  /** Why it shall be replaced, if it shall. */
  retireReason: RestartReason | undefined;
  gauges: WorkerGauges = NO_GAUGES;
  checks: readonly CheckReport[] = [];
  memoryBytes = 0;
  cpuSeconds = 0;
  /** Answered, as of its last heartbeat. */
  requestCount = 0;
  /** Why the master killed it, if it did. */
  killReason: string | undefined;
  /** What it said it failed of. */
  failure: { readonly message: string; readonly stack?: string } | undefined;
  exit: WorkerExit | undefined;
  /** Description of the first protocol violation, by message or channel. */
  violation: string | undefined;
  /** Before it has, it does not hear what it is told. */
  hasSaidHello = false;
  hasSaidGoodbye = false;
  readonly #process: WorkerProcess;
  readonly #events: WorkerEvents;
  readonly #conversation = new WorkerConversation();
  #state: WorkerState = "starting";
  #isChannelOpen = true;
  /** Turns of the event loop since it has said something. */
  #quietTurns = 0;

  constructor(
    fork: ForkProcess,
    identity: WorkerIdentity,
    events: WorkerEvents,
  ) {
    this.#events = events;
    this.slot = identity.slot;
    this.generation = identity.generation;
    this.settings = identity.settings;
    this.startedAt = identity.startedAt;
    this.chance = identity.chance;
    this.lastHeartbeatAt = identity.startedAt;
    this.#process = fork({
      onForkFailed: (error) => this.#onForkFailed(error),
      onMessage: (message) => this.#onMessage(message),
      onArrived: (connectionId) => events.onArrived(this, connectionId),
      onRefused: (connectionId) => events.onRefused(this, connectionId),
      onBroken: (why) => this.#onViolation(why),
      onExit: (exit) => this.#onExit(exit),
      onDisconnect: () => this.#onDisconnect(),
    });
  }

  /** Never given to another worker of this master. */
  get id(): number {
    return this.#process.id;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get wantsToRetire(): boolean {
    return this.retireReason !== undefined;
  }

  /** @throws Error for a change that `worker-state` does not know */
  moveTo(state: WorkerState): void {
    if (!canMove(this.#state, state)) {
      throw new Error(
        `worker ${this.slot} cannot go from ${this.#state} to ${state}`,
      );
    }
    this.#state = state;
  }

  /** Lost where the worker is gone already; its end is told by `onGone`. */
  send(message: MasterMessage, handle?: RawHandle): void {
    if (this.#isChannelOpen) this.#process.send(message, handle);
  }

  kill(signal: NodeJS.Signals, reason?: string): void {
    if (this.exit) return;
    this.killReason = reason ?? this.killReason;
    this.#process.kill(signal);
  }

  /** Told nothing where it does not answer. */
  askForStacks(tell: (answer: StackAnswer) => void): void {
    if (!this.exit) this.#process.askForStacks(tell);
  }

  #onMessage(value: unknown): void {
    this.#quietTurns = 0;
    // Messages after the end are ignored: a descendant may have sent them.
    if (!this.#isChannelOpen || this.violation !== undefined) return;
    let message: WorkerMessage;
    try {
      message = parseWorkerMessage(value);
      this.#conversation.note(message.type);
    } catch (error) {
      this.#onViolation((error as Error).message);
      return;
    }
    this.#events.onMessage(this, message);
  }

  #onViolation(why: string): void {
    this.violation ??= why.slice(0, MAX_VIOLATION_CHARS);
    if (!this.exit) this.#events.onViolation(this);
  }

  #onForkFailed({ message }: Error): void {
    if (this.exit) return;
    this.failure = { message: `no worker process could be had: ${message}` };
    this.#isChannelOpen = false;
    this.exit = { code: null, signal: null };
    this.#events.onGone(this);
  }

  #onExit(exit: WorkerExit): void {
    this.exit = exit;
    this.#quietTurns = 0;
    if (!this.#isChannelOpen) {
      this.#events.onGone(this);
      return;
    }
    this.#hearTheRest();
  }

  /**
   * The channel may stay open: a descendant has it too, or a connection was on
   * its way. Whoever waits for this worker's end must not wait for that.
   */
  #hearTheRest(): void {
    setImmediate(() => {
      if (!this.#isChannelOpen) return;
      if (++this.#quietTurns > QUIET_TURNS) this.#onDisconnect();
      else this.#hearTheRest();
    });
  }

  #onDisconnect(): void {
    if (!this.#isChannelOpen) return;
    this.#isChannelOpen = false;
    if (this.exit) this.#events.onGone(this);
  }
}
