import { Histogram } from "../shared/metrics/histogram.ts";

/** What the master itself counts. */

/** Why a worker was replaced. */
export type RestartReason =
  | "crash"
  | "stuck"
  | "start_failed"
  | "retired"
  | "reload"
  | "scale";

export type ReloadResult = "success" | "failure" | "refused";

export class Counters {
  readonly restarts = new Map<RestartReason, number>();
  readonly reloads = new Map<ReloadResult, number>();
  /** How long drains took. */
  readonly drains = new Histogram();
  forcedCloses = 0;
  acceptErrors = 0;
  isLastConfigGood = true;

  countRestart(reason: RestartReason): void {
    this.restarts.set(reason, (this.restarts.get(reason) ?? 0) + 1);
  }

  countReload(result: ReloadResult): void {
    this.reloads.set(result, (this.reloads.get(result) ?? 0) + 1);
  }
}
