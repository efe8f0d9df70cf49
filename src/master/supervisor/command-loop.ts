/**
 * The one way into the master: a queue of commands, and the loop that takes
 * one at a time. It is built first, so that every part can be given it.
 */
import type { Logger } from "../../shared/logging/logger.ts";
import type { Command } from "./command.ts";

/** The steps that follow each command, in this order. */
export interface CommandSteps {
  handle(command: Command): void;
  /** Makes the worker pool what it should be. */
  reconcile(): void;
  /** Acts on the parts outside of the supervisor. */
  performEffects(): void;
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

  /** Handles the commands that wait, and each one that comes from now on. */
  start(steps: CommandSteps): void {
    this.#steps = steps;
    this.#run(steps);
  }

  /** The command is handled at once, unless one is being handled. */
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

  /** Commands of timers come no more; others are still handled. */
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
    }
    this.#state = "idle";
  }
}
