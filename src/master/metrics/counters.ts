import { Histogram } from "../../shared/metrics/histogram.ts";
import type { ReloadResult } from "../supervisor/rollout/reload-outcome.ts";

/** What the master itself counts. */

/** Why a worker was replaced. */
export type RestartReason =
  | "crash"
  | "oom"
  | "stuck"
  | "start_failed"
  | "memory"
  | "bad_message"
  | "max_requests"
  | "age"
  | "retired"
  | "reload"
  | "scale";

export type UpgradeResult = "success" | "failure" | "refused";

export class Counters {
  // From zero on: a rate sees the first one too.
  readonly restarts = new Map<RestartReason, number>([
    ["crash", 0],
    ["oom", 0],
    ["stuck", 0],
    ["start_failed", 0],
    ["memory", 0],
    ["bad_message", 0],
    ["max_requests", 0],
    ["age", 0],
    ["retired", 0],
    ["reload", 0],
    ["scale", 0],
  ]);
  readonly reloads = new Map<ReloadResult, number>([
    ["success", 0],
    ["failure", 0],
    ["refused", 0],
    ["superseded", 0],
    ["stopped", 0],
  ]);
  readonly upgrades = new Map<UpgradeResult, number>([
    ["success", 0],
    ["failure", 0],
    ["refused", 0],
  ]);
  /** How long drains took. */
  readonly drains = new Histogram();
  forcedCloses = 0;
  /** Lines of its own log that could not be written. */
  lostLogLines = 0;
  isLastConfigGood = true;

  countRestart(reason: RestartReason): void {
    this.restarts.set(reason, (this.restarts.get(reason) ?? 0) + 1);
  }

  countReload(result: ReloadResult): void {
    this.reloads.set(result, (this.reloads.get(result) ?? 0) + 1);
  }

  countUpgrade(result: UpgradeResult): void {
    this.upgrades.set(result, (this.upgrades.get(result) ?? 0) + 1);
  }
}
