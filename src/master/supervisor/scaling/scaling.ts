/**
 * Sets the target number of workers: from the settings, by the autoscaler
 * between two bounds, or by hand until the next reload.
 */

import { MAX_WORKERS } from "../../../shared/max-workers.ts";
import type { Generations } from "../rollout/generations.ts";
import type { SupervisorParts } from "../supervisor-parts.ts";
import type { WorkerView } from "../workers/worker-state.ts";
import {
  type AutoscaleRules,
  decide,
  type LoadMemory,
  loadSample,
  meanOf,
  NOTHING_SEEN,
  remember,
  type WorkerRange,
  within,
  workerRange,
} from "./autoscale.ts";

export interface ScaleChange {
  readonly from: number;
  readonly to: number;
  /** "busy" and "idle": by the autoscaler; "told": by hand. */
  readonly why: "busy" | "idle" | "told";
  /** Mean utilization; absent if scaled by hand. */
  readonly utilization?: number;
  /** ISO 8601. */
  readonly at: string;
}

export interface ScalingReport extends WorkerRange {
  /** Source of the target number of workers. */
  readonly mode: "fixed" | "auto" | "byHand";
  /** Mean of the workers' event loops; null until there are enough samples. */
  readonly utilization: number | null;
  readonly lastChange: ScaleChange | null;
}

export class Scaling {
  readonly #parts: SupervisorParts;
  readonly #generations: Generations;
  #memory: LoadMemory = NOTHING_SEEN;
  /** Generation in which the number was set by hand; reloads start new ones. */
  #handGeneration = 0;
  #lastChange: ScaleChange | undefined;

  constructor(parts: SupervisorParts, generations: Generations) {
    this.#parts = parts;
    this.#generations = generations;
  }

  get report(): ScalingReport {
    const rules = this.#rules();
    const { min, max } = rules;
    const mean = meanOf(this.#memory.samples, rules);
    return {
      mode: this.#mode(rules),
      min,
      max,
      utilization: mean === undefined ? null : rounded(mean),
      lastChange: this.#lastChange ?? null,
    };
  }

  /** Scales by hand; holds until the next reload, even beyond the bounds. */
  scaleByHand(wanted: number): void {
    const { minReady } = this.#generations.settings;
    // With fewer workers the server would not be ready.
    const workers = within({ min: minReady, max: MAX_WORKERS }, wanted);
    this.#handGeneration = this.#generations.current;
    this.#change(workers, { why: "told" });
  }

  /**
   * Takes a sample of the load, and scales if necessary.
   *
   * @param isAtRest whether nothing else changes the pool
   */
  sample(isAtRest: boolean): void {
    const { pool, clock } = this.#parts;
    const rules = this.#rules();
    const workers = this.#generations.target;
    const isSteady = isAtRest && areSlotsReady(pool.workers, workers);
    if (!isSteady || this.#mode(rules) !== "auto") {
      this.#memory = NOTHING_SEEN;
      return;
    }
    const load = loadSample(pool.workers, clock.now());
    if (!load) return;
    this.#memory = remember(this.#memory, load, { workers, rules });
    const decision = decide(this.#memory, workers, rules);
    if (!decision) return;
    const { why } = decision;
    const utilization = rounded(decision.utilization);
    this.#change(decision.workers, { why, utilization });
  }

  #change(to: number, reason: Pick<ScaleChange, "why" | "utilization">): void {
    const from = this.#generations.target;
    this.#memory = NOTHING_SEEN;
    this.#generations.scaleTo(to);
    const at = new Date().toISOString();
    this.#lastChange = { from, to, ...reason, at };
    this.#parts.logger.info({ from, workers: to, ...reason }, "scaling");
  }

  #mode({ min, max }: WorkerRange): ScalingReport["mode"] {
    if (this.#handGeneration >= this.#generations.current) return "byHand";
    return min === max ? "fixed" : "auto";
  }

  #rules(): AutoscaleRules {
    const { settings } = this.#generations;
    return { ...workerRange(settings), marks: settings.autoscale };
  }
}

/**
 * Whether each slot has a ready worker, even one that is about to be replaced.
 */
function areSlotsReady(workers: readonly WorkerView[], count: number): boolean {
  const ready = workers.filter(({ state }) => state === "ready");
  const slots = new Set(ready.map(({ slot }) => slot));
  return slots.size === count;
}

function rounded(utilization: number): number {
  return Number(utilization.toFixed(4));
}
