import type { StopKind } from "./command.ts";
import type { MasterLifecycle } from "./master-lifecycle.ts";
import type { Generations } from "./rollout/generations.ts";
import type { Reloads } from "./rollout/reloads.ts";
import type { DecisionParts } from "./supervisor-parts.ts";
import type { Upgrades } from "./upgrades.ts";

interface Stopped {
  readonly lifecycle: MasterLifecycle;
  readonly generations: Generations;
  readonly reloads: Reloads;
  readonly upgrades: Upgrades;
}

/** A second interrupt within this time is a duplicate. */
const SAME_INTERRUPT_MS = 250;

/** Takes the server from any phase to `draining`. */
export class Shutdown {
  readonly #parts: DecisionParts;
  readonly #stopped: Stopped;
  #interruptedAt: number | undefined;

  constructor(parts: DecisionParts, stopped: Stopped) {
    this.#parts = parts;
    this.#stopped = stopped;
  }

  stop(how: StopKind): void {
    const { lifecycle, generations, upgrades } = this.#stopped;
    const { logger, effects } = this.#parts;
    upgrades.abandon("the server is stopping");
    if (how === "interrupt") this.#interrupt();
    if (how === "now") this.#stopNow();
    if (lifecycle.isStopping) {
      this.beginDrain();
      return;
    }
    const { preStopDelayMs, deadlineMs } = generations.settings.drain;
    const delayMs = how === "terminate" ? preStopDelayMs : 0;
    logger.info({ how, delayMs }, "stopping");
    effects.push({ type: "stopping", maxMs: delayMs + deadlineMs });
    lifecycle.beginPreStop();
    if (delayMs === 0) this.beginDrain();
    else {
      const command = { type: "preStopDelayOver" } as const;
      effects.push({ type: "later", afterMs: delayMs, command });
    }
  }

  /**
   * Stops the server after an uncaught error, because the state of the master
   * is unknown.
   */
  stopAfterError(error: unknown): void {
    const { logger, counters } = this.#parts;
    counters.add("supervisorErrors");
    logger.fatal({ err: error }, "uncaught exception; the server stops");
    this.#stopped.lifecycle.noteFatalError();
    this.stop("terminate");
  }

  /** Does nothing if the server already drains. */
  beginDrain(): void {
    const { lifecycle, reloads, upgrades } = this.#stopped;
    if (!lifecycle.beginDrain()) return;
    reloads.stop();
    const { nextOwner } = upgrades;
    this.#parts.effects.push({ type: "closeListeners", nextOwner });
  }

  /** Stops the server at once on a second interrupt. */
  #interrupt(): void {
    const now = this.#parts.clock.now();
    this.#interruptedAt ??= now;
    // Ctrl-C under npm arrives twice: from the terminal, and forwarded by npm.
    if (now - this.#interruptedAt < SAME_INTERRUPT_MS) return;
    this.#parts.logger.warn("interrupted again: stopping at once");
    this.#stopped.lifecycle.noteInterrupted();
    this.#killWorkers();
  }

  #stopNow(): void {
    const { logger } = this.#parts;
    logger.warn("told to stop at once: requests in flight are cut");
    this.#killWorkers();
  }

  #killWorkers(): void {
    for (const worker of this.#parts.pool.workers) worker.kill("SIGKILL");
  }
}
