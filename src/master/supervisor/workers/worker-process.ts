import type {
  WatchdogAnswer,
  WatchdogQuestion,
} from "../../../shared/inspection/watchdog-channel.ts";
import type { MasterMessage, RawHandle } from "../../../shared/ipc-messages.ts";

/** A worker process and the channel to it. */
export interface WorkerProcess {
  /** Unique among the workers of this master. */
  readonly id: number;
  /** 0 if there is no process. */
  readonly pid: number;
  /** The message is lost if the process is gone. */
  send(message: MasterMessage, handle?: RawHandle, onSent?: () => void): void;
  kill(signal: NodeJS.Signals): void;
  /** Asks the watchdog of the process; it may never answer. */
  askWatchdog(question: WatchdogQuestion): void;
  /** Reads no more answers until `resumeWatchdog()`; the watchdog waits. */
  pauseWatchdog(): void;
  resumeWatchdog(): void;
}

/** Events of the watchdog's channel. */
export type WatchdogEvent =
  | WatchdogAnswer
  /** The app wrote to the channel: nothing more is read. */
  | { readonly type: "unreadable" };

export interface ProcessEvents {
  /** The process could not be started; no other event follows. */
  onForkFailed(error: Error): void;
  /**
   * A message that is not validated yet.
   *
   * @param handle open, where one came with it
   */
  onMessage(message: unknown, handle?: RawHandle): void;
  /** The worker has the connection, but has not read from it. */
  onArrived(connectionId: number): void;
  /** The worker had no descriptor for the connection. */
  onRefused(connectionId: number): void;
  onWatchdog(event: WatchdogEvent, data: Buffer | undefined): void;
  /** The process has made the channel unusable. */
  onBroken(why: string): void;
  onExit(exit: WorkerExit): void;
  /** The channel has closed. */
  onDisconnect(): void;
}

/** How a process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a process. It emits no event before this returns. */
export type ForkProcess = (events: ProcessEvents) => WorkerProcess;
