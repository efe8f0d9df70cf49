/**
 * The messages and the end of a worker process: which message is allowed when,
 * and when no more can arrive.
 */
import type { WatchdogQuestion } from "../../../shared/inspection/watchdog-channel.ts";
import type {
  MasterMessage,
  RawHandle,
  WorkerMessage,
} from "../../../shared/ipc-messages.ts";
import { closeHandle } from "../../../shared/node-internals/listening-handle.ts";
import { parseWorkerMessage } from "../../../shared/worker-messages.ts";
import type {
  ForkProcess,
  WatchdogEvent,
  WorkerExit,
  WorkerProcess,
} from "./worker-process.ts";

export interface WorkerChannelEvents {
  /** @param handle open, where one came with "handOver" */
  onMessage(message: WorkerMessage, handle?: RawHandle): void;
  /** The worker has a connection, but has not read from it. */
  onArrived(connectionId: number): void;
  /** The worker had no descriptor for the connection. */
  onRefused(connectionId: number): void;
  onWatchdog(event: WatchdogEvent, data: Buffer | undefined): void;
  /** The worker broke the protocol; its further messages are ignored. */
  onViolation(): void;
  onForkFailed(error: Error): void;
  /** The process has ended, and all its messages have been handled. */
  onEnd(): void;
}

/**
 * Order of the messages. Any other order is a violation: the worker's own code
 * keeps to this one.
 *
 *   silent ─► greeted ─► serving ─► leaving
 *   silent, greeted ─► failed
 */
type MessagePhase = "silent" | "greeted" | "serving" | "leaving" | "failed";
type MessageType = WorkerMessage["type"];

/** The phase after each allowed message. */
const AFTER_MESSAGE: Readonly<
  Record<MessagePhase, Readonly<Partial<Record<MessageType, MessagePhase>>>>
> = {
  silent: { hello: "greeted", failed: "failed" },
  greeted: {
    ready: "serving",
    // An app that is told to exit while it starts never serves.
    leaving: "leaving",
    failed: "failed",
    count: "greeted",
    retire: "greeted",
    ownSession: "greeted",
    broadcast: "greeted",
    bind: "greeted",
    unbind: "greeted",
    appMetrics: "greeted",
  },
  serving: {
    heartbeat: "serving",
    accepted: "serving",
    connections: "serving",
    count: "serving",
    retire: "serving",
    ownSession: "serving",
    handOver: "serving",
    broadcast: "serving",
    bind: "serving",
    unbind: "serving",
    appMetrics: "serving",
    leaving: "leaving",
  },
  // A worker may still send these while it exits.
  leaving: {
    count: "leaving",
    connections: "leaving",
    retire: "leaving",
    ownSession: "leaving",
    broadcast: "leaving",
    bind: "leaving",
    unbind: "leaving",
    appMetrics: "leaving",
  },
  failed: {
    count: "failed",
    connections: "failed",
    retire: "failed",
    ownSession: "failed",
    broadcast: "failed",
    bind: "failed",
    unbind: "failed",
    appMetrics: "failed",
  },
};

/**
 * A process ends when it has exited and its channel is closed, in any order.
 *
 *   running ─► exited ───────► ended
 *   running ─► disconnected ─► ended
 */
type ProcessPhase = "running" | "exited" | "disconnected" | "ended";
type ProcessEvent = "exit" | "disconnect" | "forkFail";

/**
 * Node may report an event twice, or after the end; such events are ignored.
 */
const AFTER_EVENT: Readonly<
  Record<ProcessPhase, Readonly<Partial<Record<ProcessEvent, ProcessPhase>>>>
> = {
  running: { exit: "exited", disconnect: "disconnected", forkFail: "ended" },
  exited: { disconnect: "ended" },
  disconnected: { exit: "ended", forkFail: "ended" },
  ended: {},
};

/**
 * When the master sees the exit, earlier messages of the process are in the
 * master's buffers. After this many turns of the event loop without a message,
 * none is left.
 */
const QUIET_TURNS = 3;

/** The description goes into a log line. */
const MAX_VIOLATION_CHARS = 200;

export class WorkerChannel {
  readonly #process: WorkerProcess;
  readonly #events: WorkerChannelEvents;
  #messagePhase: MessagePhase = "silent";
  #processPhase: ProcessPhase = "running";
  #exit: WorkerExit | undefined;
  #violation: string | undefined;
  /** Turns of the event loop since the last message or the exit. */
  #quietTurns = 0;

  constructor(fork: ForkProcess, events: WorkerChannelEvents) {
    this.#events = events;
    this.#process = fork({
      onForkFailed: (error) => this.#onForkFailed(error),
      onMessage: (message, handle) => this.#onMessage(message, handle),
      onArrived: (connectionId) => events.onArrived(connectionId),
      onRefused: (connectionId) => events.onRefused(connectionId),
      onWatchdog: (event, data) => events.onWatchdog(event, data),
      onBroken: (why) => this.#onViolation(why),
      onExit: (exit) => this.#onExit(exit),
      onDisconnect: () => this.#transition("disconnect"),
    });
  }

  get id(): number {
    return this.#process.id;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get exit(): WorkerExit | undefined {
    return this.#exit;
  }

  get violation(): string | undefined {
    return this.#violation;
  }

  /** Whether the worker has sent "hello", after which it handles messages. */
  get isGreeted(): boolean {
    return this.#messagePhase !== "silent";
  }

  /** Whether the worker has sent "leaving". */
  get isLeaving(): boolean {
    return this.#messagePhase === "leaving";
  }

  send(message: MasterMessage, handle?: RawHandle, onSent?: () => void): void {
    if (this.#isOpen) this.#process.send(message, handle, onSent);
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#exit) this.#process.kill(signal);
  }

  askWatchdog(question: WatchdogQuestion): void {
    if (!this.#exit) this.#process.askWatchdog(question);
  }

  pauseWatchdog(): void {
    this.#process.pauseWatchdog();
  }

  resumeWatchdog(): void {
    this.#process.resumeWatchdog();
  }

  get #isOpen(): boolean {
    return this.#processPhase === "running" || this.#processPhase === "exited";
  }

  #onMessage(value: unknown, handle: RawHandle | undefined): void {
    this.#quietTurns = 0;
    const message = this.#checked(value);
    const isWanted = message?.type === "handOver";
    if (handle && !isWanted) closeHandle(handle);
    if (message) this.#events.onMessage(message, handle);
  }

  /** Undefined for a message that is ignored. */
  #checked(value: unknown): WorkerMessage | undefined {
    // Messages after the end are ignored: a descendant may have sent them.
    if (!this.#isOpen || this.#violation !== undefined) return undefined;
    try {
      const message = parseWorkerMessage(value);
      this.#messagePhase = afterMessage(this.#messagePhase, message.type);
      return message;
    } catch (error) {
      this.#onViolation((error as Error).message);
      return undefined;
    }
  }

  #onViolation(why: string): void {
    this.#violation ??= why.slice(0, MAX_VIOLATION_CHARS);
    if (!this.#exit) this.#events.onViolation();
  }

  #onForkFailed(error: Error): void {
    if (this.#exit) return;
    this.#exit = { code: null, signal: null };
    this.#events.onForkFailed(error);
    this.#transition("forkFail");
  }

  #onExit(exit: WorkerExit): void {
    this.#exit ??= exit;
    this.#transition("exit");
  }

  #transition(event: ProcessEvent): void {
    const next = AFTER_EVENT[this.#processPhase][event];
    if (!next) return;
    this.#processPhase = next;
    if (next === "exited") {
      this.#quietTurns = 0;
      this.#waitForLastMessages();
    }
    if (next === "ended") this.#events.onEnd();
  }

  /**
   * The channel may stay open after the exit, because a descendant holds it
   * too, or a connection was in transit. The worker's end must not wait for
   * that.
   */
  #waitForLastMessages(): void {
    setImmediate(() => {
      if (this.#processPhase !== "exited") return;
      if (++this.#quietTurns > QUIET_TURNS) this.#transition("disconnect");
      else this.#waitForLastMessages();
    });
  }
}

/** @throws Error if the message is not allowed now */
function afterMessage(phase: MessagePhase, type: MessageType): MessagePhase {
  const next = AFTER_MESSAGE[phase][type];
  if (!next) throw new Error(`"${type}" in the phase "${phase}"`);
  return next;
}
