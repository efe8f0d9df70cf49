import type { MasterMessage, RawHandle } from "../../../shared/ipc-messages.ts";
import type { StackAnswer } from "../../../shared/watchdog-channel.ts";

/** A process and the channel to it, as far as the master needs them. */
export interface WorkerProcess {
  /** Never given to another worker of this master. */
  readonly id: number;
  /** 0 where there is no process. */
  readonly pid: number;
  /** Lost where the process is gone already. */
  send(message: MasterMessage, handle?: RawHandle): void;
  kill(signal: NodeJS.Signals): void;
  /** Asks its watchdog what it does; it may never answer. */
  askForStacks(tell: (answer: StackAnswer) => void): void;
}

export interface ProcessEvents {
  /** There will be no process: it tells nothing else. */
  onForkFailed(error: Error): void;
  /** It has said this, whatever it is. */
  onMessage(message: unknown): void;
  /** The connection has come there: it has not been read. */
  onArrived(connectionId: number): void;
  /** It had no descriptor for the connection. */
  onRefused(connectionId: number): void;
  /** Its channel cannot be used: it has done something to it. */
  onBroken(why: string): void;
  onExit(exit: WorkerExit): void;
  /** The channel has closed: nothing more is said or heard. */
  onDisconnect(): void;
}

/** How a process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a process that tells these events, none before it returns. */
export type ForkProcess = (events: ProcessEvents) => WorkerProcess;
