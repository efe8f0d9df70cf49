/**
 * Reloads, from the request to the outcome: the settings are read again, and a
 * rollout of a new generation succeeds or fails. Requests may overlap: the
 * newest one wins, and each gets one outcome.
 */

import {
  logSettings,
  settingsWarnings,
} from "../../../shared/config/checks/settings-warnings.ts";
import type { LoadedSettings } from "../../../shared/config/load-settings.ts";
import type { Command } from "../command.ts";
import { reloadable } from "../in-force.ts";
import type { LogLevels } from "../log-levels.ts";
import type { DecisionParts } from "../supervisor-parts.ts";
import { identityOf } from "../workers/worker-facts.ts";
import type { WorkerHandle } from "../workers/worker-handle.ts";
import { canaryVerdict, replacedSlots } from "./canary.ts";
import type { Generations } from "./generations.ts";
import type { ReloadEnd, ReloadOutcome } from "./reload-outcome.ts";
import { ReloadRequests } from "./reload-requests.ts";

type LoadedCommand = Extract<Command, { type: "settingsLoaded" }>;
type RefusedCommand = Extract<Command, { type: "settingsRefused" }>;

/** The parts that a reload changes. */
interface ReloadedParts {
  readonly generations: Generations;
  readonly logLevels: LogLevels;
}

const NEEDS_RESTART = "changed setting needs a restart";

export class Reloads {
  readonly #parts: DecisionParts;
  readonly #generations: Generations;
  readonly #logLevels: LogLevels;
  readonly #requests: ReloadRequests;
  /** Last logged number of replaced slots. */
  #replaced = 0;
  #isLastConfigGood = true;

  constructor(parts: DecisionParts, { generations, logLevels }: ReloadedParts) {
    this.#parts = parts;
    this.#generations = generations;
    this.#logLevels = logLevels;
    this.#requests = new ReloadRequests(parts);
  }

  /** Outcome of the last ended reload. */
  get last(): ReloadOutcome | undefined {
    return this.#requests.last;
  }

  /** Outcome of the newest open reload; if none is open, of the next one. */
  whenEnded(): Promise<ReloadOutcome> {
    return this.#requests.whenEnded();
  }

  /** Like `whenEnded()`, but follows the reload that supersedes it. */
  whenDecided(): Promise<ReloadEnd> {
    return this.#requests.whenDecided();
  }

  /** Whether the last settings read are valid. */
  get isLastConfigGood(): boolean {
    return this.#isLastConfigGood;
  }

  /** Whether any reload is open. */
  get isUnderWay(): boolean {
    return this.#requests.areOpen;
  }

  /** Refuses a reload before its settings are read. */
  decline(why: string): void {
    this.#parts.logger.error(`reload refused: ${why}`);
    this.#requests.refuse(this.#requests.add(), why);
  }

  /** Begins a reload: its settings are read. */
  request(): void {
    const { logger, effects } = this.#parts;
    const request = this.#requests.add();
    logger.info("reloading");
    effects.push({ type: "reloading" }, { type: "readSettings", request });
  }

  /** Whether the rollout of a newer reload has begun. */
  isOvertaken({ request }: LoadedCommand): boolean {
    return this.#requests.isOvertaken(request);
  }

  /** Ends a reload that was superseded while its settings were read. */
  dropOvertaken({ request }: LoadedCommand): void {
    this.#requests.dropOvertaken(request);
  }

  /** Begins the rollout with valid settings. */
  begin({ request, loaded }: LoadedCommand, hasCanary: boolean): void {
    const { logger, pool, clock } = this.#parts;
    const { settings, ignored } = this.#reloadable(loaded);
    logSettings(loaded, logger);
    this.#isLastConfigGood = true;
    pool.forgetFailures();
    this.#logLevels.configure(settings.logLevel);
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

  /** Ends a reload with invalid settings; nothing changes. */
  refuse({ request, error: { message } }: RefusedCommand): void {
    const { logger } = this.#parts;
    logger.error(`reload refused: ${message}`);
    if (!this.#requests.isOvertaken(request)) this.#isLastConfigGood = false;
    this.#requests.refuse(request, message);
  }

  /** Continues or aborts the rollout once the canary passes or fails. */
  judgeCanary(): void {
    const { logger, pool, clock } = this.#parts;
    const { rollout, settings } = this.#generations;
    if (rollout?.phase !== "canary") return;
    const { generation } = rollout;
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

  /** Logs the progress of the rollout, once per replaced worker. */
  noteProgress(): void {
    const { logger, pool } = this.#parts;
    const { rollout, target } = this.#generations;
    if (rollout?.phase !== "replacing") return;
    const replaced = replacedSlots(rollout, pool.workers, target);
    if (replaced <= this.#replaced) return;
    this.#replaced = replaced;
    const { generation } = rollout;
    logger.info({ generation, replaced, of: target }, "replaced");
  }

  /** Ends the rollout, or the return, when all workers match the target. */
  settle(): void {
    const { logger, clock, effects } = this.#parts;
    const { rollout, current, excused } = this.#generations;
    if (!rollout) return;
    effects.push({ type: "rolloutOver" });
    const seconds = (clock.now() - rollout.startedAt) / 1000;
    this.#generations.settle();
    if (rollout.phase === "returning") {
      const fields = { generation: current, keptSlots: [...excused], seconds };
      logger.info(fields, "returned to the generation before");
      return;
    }
    logger.info({ generation: current, seconds }, "reloaded");
    this.#requests.endRollout({ result: "success" });
  }

  /** Fails the rollout: its workers are replaced by the previous generation. */
  abort(why: string): void {
    const { logger } = this.#parts;
    const { rollout } = this.#generations;
    if (!rollout || rollout.phase === "returning") return;
    this.#generations.abort(why);
    this.#logLevels.configure(this.#generations.settings.logLevel);
    const { generation } = rollout;
    const kept = this.#generations.current;
    const fields = { generation, kept, error: why };
    logger.error(fields, "reload failed; the old workers go on");
    this.#requests.endRollout({ result: "failure", error: why });
  }

  /**
   * Keeps the serving worker of the slot, after a worker of the previous
   * generation failed to start while the rollout returned, for example because
   * its code was overwritten. A second attempt would fail as well.
   */
  keepInSlot(failed: WorkerHandle): void {
    const { logger, pool } = this.#parts;
    const { rollout } = this.#generations;
    if (rollout?.phase !== "returning") return;
    const kept = pool.workers.find(({ slot, state }) => {
      return slot === failed.slot && state === "ready";
    });
    if (!kept) return;
    this.#generations.excuse(failed.slot);
    const text = "the generation before does not start; the worker stays";
    logger.warn(identityOf(kept), text);
  }

  /** Ends all reloads when the server stops. */
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
