/**
 * A queue of commands, and the loop that handles one at a time. All events
 * enter the master through it, so it is built first.
 */
import type { Logger } from "../../shared/logging/logger.ts";
import type { Command } from "./command.ts";

/** The steps that follow each command, in this order. */
export interface CommandSteps {
  handle(command: Command): void;
  /** Brings the worker pool to its target. */
  reconcile(): void;
  /** Acts on the parts outside the supervisor. */
  performEffects(): void;
  /**
   * Notices what is achieved, once the workers have been told what to do.
   *
   * @returns whether effects follow
   */
  settle(): boolean;
}

export interface CommandLoopOptions {
  readonly logger: Logger;
  /** Called for each error that is thrown while a command is handled. */
  readonly onError: () => void;
}

export class CommandLoop {
  readonly #options: CommandLoopOptions;
  readonly #queue: Command[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #steps: CommandSteps | undefined;
  #state: "idle" | "handling" = "idle";

  constructor(options: CommandLoopOptions) {
    this.#options = options;
  }

  /** Handles the queued commands, and each later one. */
  start(steps: CommandSteps): void {
    this.#steps = steps;
    this.#run(steps);
  }

  /** Handles the command at once, unless another one is being handled. */
  enqueue(command: Command): void {
    this.#queue.push(command);
    if (this.#steps) this.#run(this.#steps);
  }

  enqueueLater(afterMs: number, command: Command): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.enqueue(command);
    }, afterMs);
    this.#timers.add(timer);
  }

  enqueueEvery(intervalMs: number, command: Command): void {
    this.#timers.add(setInterval(() => this.enqueue(command), intervalMs));
  }

  /** Stops the commands of timers; others are still handled. */
  stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Runs a step. An error is logged and counted, and ends only the step. */
  attempt(what: string, step: () => void): void {
    try {
      step();
    } catch (error) {
      const { logger, onError } = this.#options;
      onError();
      logger.error({ err: error, step: what }, "supervisor error; it goes on");
    }
  }

  #run(steps: CommandSteps): void {
    if (this.#state === "handling") return;
    this.#state = "handling";
    for (;;) {
      const command = this.#queue.shift();
      if (!command) break;
      this.attempt(command.type, () => steps.handle(command));
      this.attempt("reconcile", () => steps.reconcile());
      this.attempt("performEffects", () => steps.performEffects());
      this.attempt("settle", () => {
        if (steps.settle()) steps.performEffects();
      });
    }
    this.#state = "idle";
  }
}
