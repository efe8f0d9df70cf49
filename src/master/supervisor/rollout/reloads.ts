/**
 * Reloads, from the wish to the outcome: the settings are read anew, a roll to
 * a new generation begins, and either succeeds or is aborted. Several may be
 * asked for at once; the one asked for last counts, and each ends once.
 */

import {
  logSettings,
  settingsWarnings,
} from "../../../shared/config/checks/settings-warnings.ts";
import type { LoadedSettings } from "../../../shared/config/load-settings.ts";
import type { Command } from "../command.ts";
import { reloadable } from "../fixed-settings.ts";
import type { DecisionParts } from "../supervisor-parts.ts";
import { identityOf } from "../workers/worker-facts.ts";
import type { WorkerHandle } from "../workers/worker-handle.ts";
import { canaryVerdict } from "./canary.ts";
import type { Generations } from "./generations.ts";
import type { ReloadEnd, ReloadOutcome } from "./reload-outcome.ts";
import { ReloadRequests } from "./reload-requests.ts";
import { replacedSlots } from "./rollout-progress.ts";

type LoadedCommand = Extract<Command, { type: "settingsLoaded" }>;
type RefusedCommand = Extract<Command, { type: "settingsRefused" }>;

const NEEDS_RESTART = "changed setting needs a restart";

export class Reloads {
  readonly #parts: DecisionParts;
  readonly #generations: Generations;
  readonly #requests: ReloadRequests;
  /** How far the log has it. */
  #replaced = 0;
  #isLastConfigGood = true;

  constructor(parts: DecisionParts, generations: Generations) {
    this.#parts = parts;
    this.#generations = generations;
    const { counters, effects } = parts;
    this.#requests = new ReloadRequests(counters, (outcome) => {
      effects.push({ type: "reloadEnded", outcome });
    });
  }

  /** How the one went that ended last. */
  get last(): ReloadOutcome | undefined {
    return this.#requests.last;
  }

  /**
   * How the reload ends that was asked for last; where none is under way, the
   * next one. Ask for a reload first, then for its end.
   */
  whenEnded(): Promise<ReloadOutcome> {
    return this.#requests.whenEnded();
  }

  /** As `whenEnded()`; of one that is superseded, the end of its successor. */
  whenDecided(): Promise<ReloadEnd> {
    return this.#requests.whenDecided();
  }

  /** Whether the settings read last are valid. */
  get isLastConfigGood(): boolean {
    return this.#isLastConfigGood;
  }

  /** Whether one was asked for that has not ended yet. */
  get isUnderWay(): boolean {
    return this.#requests.areOpen;
  }

  /** It is not begun: settings are not even read. */
  decline(why: string): void {
    this.#parts.logger.error(`reload refused: ${why}`);
    this.#requests.refuse(this.#requests.add(), why);
  }

  /** Begins with the settings, which are read anew. */
  request(): void {
    const { logger, effects } = this.#parts;
    const request = this.#requests.add();
    logger.info("reloading");
    effects.push({ type: "reloading" }, { type: "readSettings", request });
  }

  /** Whether newer settings are in force already, or on their way. */
  isOvertaken({ request }: LoadedCommand): boolean {
    return this.#requests.isOvertaken(request);
  }

  /** Ends one that was overtaken while its settings were read. */
  dropOvertaken({ request }: LoadedCommand): void {
    this.#requests.dropOvertaken(request);
  }

  /** The settings are good: workers of a new generation shall come. */
  begin({ request, loaded }: LoadedCommand, hasCanary: boolean): void {
    const { logger, pool, clock } = this.#parts;
    const { settings, ignored } = this.#reloadable(loaded);
    logSettings(loaded, logger);
    this.#isLastConfigGood = true;
    pool.forgetFailures();
    logger.level = settings.logLevel;
    const now = clock.now();
    const { configFile } = loaded;
    const release = { settings, configFile };
    const { generation } = this.#generations.begin(release, now, hasCanary);
    this.#replaced = 0;
    const needRestart = ignored.map((name) => `${NEEDS_RESTART}: ${name}`);
    const warnings = [...needRestart, ...settingsWarnings(loaded)];
    this.#requests.begin(request, generation, warnings);
    logger.info({ generation }, "rolling restart");
  }

  /** The settings are not good: nothing changes. */
  refuse({ request, error: { message } }: RefusedCommand): void {
    const { logger } = this.#parts;
    logger.error(`reload refused: ${message}`);
    if (!this.#requests.isOvertaken(request)) this.#isLastConfigGood = false;
    this.#requests.refuse(request, message);
  }

  /** Lets the rest follow, or nobody, as soon as the canary shows which. */
  judgeCanary(): void {
    const { logger, pool, clock } = this.#parts;
    const { roll, settings } = this.#generations;
    if (roll?.phase !== "canary") return;
    const { generation } = roll;
    const { canaryPauseMs: pauseMs } = settings.roll;
    const verdict = canaryVerdict(
      pool.workers.find((worker) => isIn(worker, generation)),
      { pauseMs, maxMemoryBytes: settings.maxWorkerMemoryBytes },
      clock.now(),
    );
    if (verdict.type === "failed") this.abort(verdict.why);
    if (verdict.type !== "passed") return;
    this.#generations.promote();
    if (pauseMs === 0) return;
    const text = "the first new worker is healthy; the others follow";
    logger.info({ generation, canaryPauseMs: pauseMs }, text);
  }

  /** Says how far the roll is, once for each worker it has replaced. */
  noteProgress(): void {
    const { logger, pool } = this.#parts;
    const { roll, target } = this.#generations;
    if (roll?.phase !== "replacing") return;
    const replaced = replacedSlots(roll, pool.workers, target);
    if (replaced <= this.#replaced) return;
    this.#replaced = replaced;
    const { generation } = roll;
    logger.info({ generation, replaced, of: target }, "replaced");
  }

  /** All workers are what they should be: a roll is done, or a return. */
  settle(): void {
    const { logger, clock } = this.#parts;
    const { roll, current, excused } = this.#generations;
    if (!roll) return;
    const seconds = (clock.now() - roll.startedAt) / 1000;
    this.#generations.settle();
    if (roll.phase === "returning") {
      const fields = { generation: current, keptSlots: [...excused], seconds };
      logger.info(fields, "returned to the generation before");
      return;
    }
    logger.info({ generation: current, seconds }, "reloaded");
    this.#requests.endRolling({ result: "success" });
  }

  /** The generation before is again what there should be. */
  abort(why: string): void {
    const { logger } = this.#parts;
    const { roll } = this.#generations;
    if (!roll || roll.phase === "returning") return;
    this.#generations.abort(why);
    logger.level = this.#generations.settings.logLevel;
    const { generation } = roll;
    const kept = this.#generations.current;
    const fields = { generation, kept, error: why };
    logger.error(fields, "reload failed; the old workers go on");
    this.#requests.endRolling({ result: "failure", error: why });
  }

  /**
   * A worker that was to bring the generation before back has failed, as when
   * its code was overwritten. What serves there serves on: a second attempt
   * would be no better.
   */
  keepInSlot(failed: WorkerHandle): void {
    const { logger, pool } = this.#parts;
    const { roll } = this.#generations;
    if (roll?.phase !== "returning") return;
    const kept = pool.workers.find(({ slot, state }) => {
      return slot === failed.slot && state === "ready";
    });
    if (!kept) return;
    this.#generations.excuse(failed.slot);
    const text = "the generation before does not start; the worker stays";
    logger.warn(identityOf(kept), text);
  }

  /** The server stops: nobody need wait any more. */
  stop(): void {
    this.#requests.stop();
  }

  #reloadable({ settings: wanted }: LoadedSettings) {
    const { logger } = this.#parts;
    const result = reloadable(this.#generations.settings, wanted);
    for (const setting of result.ignored) {
      logger.warn({ setting }, NEEDS_RESTART);
    }
    return result;
  }
}

function isIn({ generation, state }: WorkerHandle, wanted: number): boolean {
  return generation === wanted && (state === "starting" || state === "ready");
}
