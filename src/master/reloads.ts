/**
 * Reloads, from the wish to the outcome: the settings are read anew, a roll to
 * a new generation begins, and either succeeds or is aborted.
 */
import type { LoadedSettings } from "../shared/config/load-settings.ts";
import type { Settings } from "../shared/config/settings.ts";
import type { Command } from "./command.ts";
import { reloadable } from "./fixed-settings.ts";
import type { Generations, ReloadOutcome } from "./generations.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

export class Reloads {
  readonly #parts: SupervisorParts;
  readonly #generations: Generations;
  #waiting: ((outcome: ReloadOutcome) => void)[] = [];

  constructor(parts: SupervisorParts, generations: Generations) {
    this.#parts = parts;
    this.#generations = generations;
  }

  /** Resolves when the next reload has ended, in whichever way. */
  whenEnded(): Promise<ReloadOutcome> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Reads the settings; what comes of it is a command. */
  request(enqueue: (command: Command) => void): void {
    const { logger, reload } = this.#parts;
    logger.info("reloading");
    reload().then(
      (loaded) => enqueue({ type: "settingsLoaded", loaded }),
      (error) => enqueue({ type: "settingsRefused", error }),
    );
  }

  /** The settings are good: workers of a new generation shall come. */
  begin(loaded: LoadedSettings, running: Settings): void {
    const { logger, counters, herd, clock } = this.#parts;
    const { settings, ignored } = reloadable(running, loaded.settings);
    for (const name of ignored) {
      logger.warn({ setting: name }, "changed setting needs a restart");
    }
    counters.isLastConfigGood = true;
    herd.forgetFailures();
    logger.level = settings.logLevel;
    const { generation } = this.#generations.begin(settings, clock.now());
    logger.info({ generation }, "rolling restart");
  }

  /** The settings are not good: nothing changes. */
  refuse({ message }: Error): void {
    const { logger, counters } = this.#parts;
    logger.error(`reload refused: ${message}`);
    counters.isLastConfigGood = false;
    counters.countReload("refused");
    this.#generations.refuse(message);
    this.#tellEnd();
  }

  /** All workers of the new generation are ready. */
  succeed(): void {
    const { logger, counters, clock } = this.#parts;
    const { roll } = this.#generations;
    if (!roll) return;
    const { generation } = roll;
    const seconds = (clock.now() - roll.startedAt) / 1000;
    logger.info({ generation, seconds }, "reloaded");
    counters.countReload("success");
    this.#generations.succeed();
    this.#tellEnd();
  }

  /** The generation before is again what there should be. */
  abort(why: string): void {
    const { logger, counters } = this.#parts;
    const { roll } = this.#generations;
    if (!roll) return;
    this.#generations.abort(why);
    counters.countReload("failure");
    const { generation } = roll;
    const kept = this.#generations.current;
    const fields = { generation, kept, error: why };
    logger.error(fields, "reload failed; the old workers go on");
    this.#tellEnd();
  }

  #tellEnd(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const outcome = this.#generations.lastReload;
    if (outcome) for (const tell of waiting) tell(outcome);
  }
}
