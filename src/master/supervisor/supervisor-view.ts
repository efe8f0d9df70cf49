import type { Settings } from "../../shared/config/settings.ts";
import type { LogLevelName } from "../../shared/logging/line-facts.ts";
import type { IncomingMaster } from "../upgrade/incoming-master.ts";
import type { OutgoingMaster } from "../upgrade/outgoing-master.ts";
import type { UpgradeOutcome } from "../upgrade/upgrade-outcome.ts";
import type { SocketOwner } from "./effect.ts";
import type { Degraded, Failures } from "./health/failures.ts";
import type { LogLevelReport, LogLevels } from "./log-levels.ts";
import type { MasterLifecycle, Phase } from "./master-lifecycle.ts";
import type { Generations, Rollout } from "./rollout/generations.ts";
import type { ReloadEnd, ReloadOutcome } from "./rollout/reload-outcome.ts";
import type { Reloads } from "./rollout/reloads.ts";
import type { Scaling, ScalingReport } from "./scaling/scaling.ts";
import type { Upgrades } from "./upgrades.ts";
import type { WorkerFailure } from "./workers/worker-handle.ts";

interface Viewed {
  readonly lifecycle: MasterLifecycle;
  readonly generations: Generations;
  readonly logLevels: LogLevels;
  readonly reloads: Reloads;
  readonly scaling: Scaling;
  readonly failures: Failures;
  readonly upgrades: Upgrades;
}

/** Read access to the state of the server. Commands go through the queue. */
export class SupervisorView {
  readonly #parts: Viewed;

  constructor(parts: Viewed) {
    this.#parts = parts;
  }

  get phase(): Exclude<Phase, "paused"> {
    return this.#parts.lifecycle.reported;
  }

  /** Reason why the first workers did not become ready. */
  get startError(): WorkerFailure | undefined {
    return this.#parts.lifecycle.startError;
  }

  get isStopping(): boolean {
    return this.#parts.lifecycle.isStopping;
  }

  get settings(): Settings {
    return this.#parts.generations.settings;
  }

  /** The app module, as written in the settings. */
  get app(): string | undefined {
    return this.#parts.generations.app;
  }

  get generation(): number {
    return this.#parts.generations.current;
  }

  /** Target number of workers. */
  get target(): number {
    const { lifecycle, generations } = this.#parts;
    return lifecycle.phase === "paused" ? 0 : generations.target;
  }

  get scaling(): ScalingReport {
    return this.#parts.scaling.report;
  }

  get logLevel(): LogLevelReport {
    return this.#parts.logLevels.report;
  }

  /** The level that workers have instead of that of their settings. */
  get changedLogLevel(): LogLevelName | undefined {
    return this.#parts.logLevels.changed;
  }

  /** Defined while the pool is degraded. */
  get degraded(): Degraded | undefined {
    return this.#parts.failures.degraded;
  }

  get rollout(): Rollout | undefined {
    return this.#parts.generations.rollout;
  }

  get lastReload(): ReloadOutcome | undefined {
    return this.#parts.reloads.last;
  }

  /** Whether the last settings read are valid. */
  get isLastConfigGood(): boolean {
    return this.#parts.reloads.isLastConfigGood;
  }

  /** Reason to refuse a reload now, if any. */
  get reloadRefusal(): string | undefined {
    if (!this.#parts.upgrades.outgoing.isUnderWay) return undefined;
    return "an upgrade is under way; it brings new workers";
  }

  /**
   * Outcome of the newest open reload; if none is open, of the next one.
   * Enqueue a reload before the call.
   */
  whenReloadEnds(): Promise<ReloadOutcome> {
    return this.#parts.reloads.whenEnded();
  }

  /** Like `whenReloadEnds()`, but follows the reload that supersedes it. */
  whenReloadIsDecided(): Promise<ReloadEnd> {
    return this.#parts.reloads.whenDecided();
  }

  /** Upgrades in which this master is the outgoing one. */
  get upgrades(): Pick<
    OutgoingMaster,
    "state" | "last" | "handedOver" | "hasReleased"
  > {
    return this.#parts.upgrades.outgoing;
  }

  /** The upgrade that started this master, if any. */
  get takeOver():
    | Pick<IncomingMaster, "outcome" | "outgoingPid" | "isMaster">
    | undefined {
    return this.#parts.upgrades.incoming;
  }

  /** The process that keeps the sockets when this one closes them. */
  get nextOwner(): SocketOwner {
    return this.#parts.upgrades.nextOwner;
  }

  /** Reason to refuse an upgrade now, if any. */
  get upgradeRefusal(): string | undefined {
    const { lifecycle, upgrades, reloads } = this.#parts;
    if (lifecycle.isStopping) return "the server is stopping";
    if (lifecycle.phase === "starting") return "the server is still starting";
    if (upgrades.outgoing.state === "idle" && reloads.isUnderWay) {
      return "a reload is under way";
    }
    return upgrades.refusal;
  }

  /** Outcome of the upgrade in progress, or of the next one. */
  whenUpgradeEnds(): Promise<UpgradeOutcome> {
    return this.#parts.upgrades.outgoing.whenEnded();
  }
}
