/**
 * Reloads, from the wish to the outcome: the settings are read anew, a roll to
 * a new generation begins, and either succeeds or is aborted.
 */
import type { Settings } from "../shared/config/settings.ts";
import type { Command } from "./command.ts";
import { reloadable } from "./fixed-settings.ts";
import type { Generations, ReloadOutcome } from "./generations.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

/** What those are told who wait for a reload. */
export interface ReloadEnd extends ReloadOutcome {
  /** The outcome is that of a later one, which took its place. */
  readonly isSuperseded: boolean;
}

type LoadedCommand = Extract<Command, { type: "settingsLoaded" }>;
type RefusedCommand = Extract<Command, { type: "settingsRefused" }>;

interface Waiting {
  /** The number of the request whose end it waits for. */
  readonly request: number;
  readonly tell: (end: ReloadEnd) => void;
}

export class Reloads {
  readonly #parts: SupervisorParts;
  readonly #generations: Generations;
  #waiting: readonly Waiting[] = [];
  /** Numbers of the last request, of the last whose roll began or that ended. */
  #requested = 0;
  #begun = 0;
  #ended = 0;

  constructor(parts: SupervisorParts, generations: Generations) {
    this.#parts = parts;
    this.#generations = generations;
  }

  /**
   * Resolves when the reload that was asked for last has ended, in whichever
   * way; the next one, where none is under way.
   */
  whenEnded(): Promise<ReloadEnd> {
    const request = Math.max(this.#requested, this.#ended + 1);
    return new Promise((tell) => {
      this.#waiting = [...this.#waiting, { request, tell }];
    });
  }

  /** Reads the settings; what comes of it is a command. */
  request(enqueue: (command: Command) => void): void {
    const { logger, reload, hooks } = this.#parts;
    const request = ++this.#requested;
    logger.info("reloading");
    hooks.onReloading();
    reload().then(
      (loaded) => enqueue({ type: "settingsLoaded", loaded, request }),
      (error) => enqueue({ type: "settingsRefused", error, request }),
    );
  }

  /** The settings are good: workers of a new generation shall come. */
  begin({ loaded, request }: LoadedCommand, running: Settings): void {
    const { logger, counters, herd, clock } = this.#parts;
    this.#begun = Math.max(this.#begun, request);
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
  refuse({ error: { message }, request }: RefusedCommand): void {
    const { logger, counters } = this.#parts;
    logger.error(`reload refused: ${message}`);
    counters.isLastConfigGood = false;
    counters.countReload("refused");
    this.#generations.refuse(message);
    this.#end(request, (waiting) => waiting.request === request);
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
    this.#end(this.#begun, ({ request }) => request <= this.#begun);
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
    this.#end(this.#begun, ({ request }) => request <= this.#begun);
  }

  /** The server stops: nobody need wait any more. */
  giveUp(): void {
    const error = "the server is stopping";
    const at = new Date().toISOString();
    for (const { tell } of this.#waiting) {
      tell({ result: "failure", error, at, isSuperseded: false });
    }
    this.#waiting = [];
  }

  #end(request: number, isOver: (waiting: Waiting) => boolean): void {
    const over = this.#waiting.filter(isOver);
    this.#waiting = this.#waiting.filter((waiting) => !isOver(waiting));
    this.#ended = Math.max(this.#ended, request);
    const outcome = this.#generations.lastReload as ReloadOutcome;
    for (const waiting of over) {
      waiting.tell({ ...outcome, isSuperseded: waiting.request < request });
    }
    const isPending = this.#ended < this.#requested;
    if (isPending || this.#generations.roll) return;
    this.#parts.hooks.onReloadEnded(outcome);
  }
}
