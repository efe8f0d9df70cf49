/**
 * Gives a program signals and `process.exit()`, as a process manager does.
 * Signals come to it when the worker drains and its requests
 * are answered, whoever sent them: on Ctrl-C a terminal signals all processes.
 */
import os from "node:os";

type Exit = typeof process.exit;
type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

export type StopSignal = "SIGTERM" | "SIGINT";

const HELD_SIGNALS: readonly StopSignal[] = ["SIGTERM", "SIGINT"];

export class ProgramProcess {
  /** Ends the process at once. */
  readonly exit = process.exit.bind(process) as Exit;
  readonly #onSignal: (signal: StopSignal) => void;
  readonly #emit = process.emit.bind(process) as Emit;
  #isDraining = false;
  #isReleased = false;
  #hasExited = false;
  #onEnded: (() => void) | undefined;

  /** @param onSignal called with a signal that the program does not get yet */
  constructor(onSignal: (signal: StopSignal) => void) {
    this.#onSignal = onSignal;
  }

  /** Replaces `process.emit()` and `process.exit()`. */
  install(): void {
    const emit: Emit = (event, ...args) => {
      const isHeld = HELD_SIGNALS.includes(event as StopSignal);
      if (!isHeld || this.#isReleased) return this.#emit(event, ...args);
      this.#onSignal(event as StopSignal);
      return true;
    };
    process.emit = emit as typeof process.emit;
    for (const signal of HELD_SIGNALS) process.on(signal, () => {});
    process.exit = ((code) => {
      if (!this.#isDraining) return this.exit(code);
      this.#hasExited = true;
      this.#onEnded?.();
    }) as Exit;
  }

  /** From now on `process.exit()` lets the worker finish its requests. */
  onDrain(): void {
    this.#isDraining = true;
  }

  /**
   * Sends the program the signal, or the other one if it handles only that.
   * Resolves when the program has called `process.exit()` or has nothing left
   * to do, or at once if it handles neither.
   */
  async terminate(signal: StopSignal): Promise<void> {
    const other = signal === "SIGTERM" ? "SIGINT" : "SIGTERM";
    const signals: readonly StopSignal[] = [signal, other];
    const handled = signals.find(isHandled);
    if (!handled || this.#hasExited) return;
    this.#isReleased = true;
    const ended = new Promise<void>((resolve) => {
      this.#onEnded = resolve;
    });
    const number = os.constants.signals[handled];
    this.#emit(handled, handled, number);
    const idle = new IdleWatch();
    await Promise.race([ended, idle.whenIdle()]);
    idle.stop();
  }
}

/** Whether the program has a handler, beside ours. */
function isHandled(signal: StopSignal): boolean {
  return process.listenerCount(signal) > 1;
}

/** Notices that nothing keeps the process alive but the master's channel. */
export class IdleWatch {
  #onIdle: (() => void) | undefined;

  whenIdle(): Promise<void> {
    process.channel?.unref();
    return new Promise((resolve) => {
      this.#onIdle = () => {
        this.stop();
        resolve();
      };
      process.once("beforeExit", this.#onIdle);
    });
  }

  stop(): void {
    if (!this.#onIdle) return;
    process.off("beforeExit", this.#onIdle);
    this.#onIdle = undefined;
    process.channel?.ref();
  }
}
