/**
 * The target of the worker pool: its generation, its size and its settings; and
 * the rollout of the next generation.
 *
 *   canary ─► replacing ─► done
 *      └──────────┴─► returning ─► done
 */

import { realpathSync } from "node:fs";
import path from "node:path";
import type { LoadedSettings } from "../../../shared/config/load-settings.ts";
import type { Settings } from "../../../shared/config/settings.ts";
import {
  type TransitionTable,
  transition,
} from "../../../shared/state-machine.ts";
import type { InForce } from "../../../shared/upgrade-messages.ts";
import { inForce } from "../in-force.ts";
import type { PoolGoal } from "../reconcile.ts";
import { within, workerRange } from "../scaling/autoscale.ts";

/**
 * - `canary`: one new worker is on trial, and all others stay;
 * - `replacing`: the others are replaced;
 * - `returning`: the rollout has failed; slots that were replaced get workers
 *   of the previous generation.
 */
export type RolloutPhase = "canary" | "replacing" | "returning";

const TABLE: TransitionTable<RolloutPhase> = {
  canary: ["replacing", "returning"],
  replacing: ["returning"],
  returning: [],
};

/** A rolling restart in progress. */
export interface Rollout {
  readonly generation: number;
  /** The target of the pool if the rollout fails. */
  readonly previous: { readonly generation: number; readonly target: number };
  readonly startedAt: number;
  readonly phase: RolloutPhase;
  /** Reason for the failure of the rollout. */
  readonly error?: string;
}

/** The goal of the pool, without the delays of slots. */
export type GenerationGoal = Omit<PoolGoal, "notBefore">;

/** Settings of a generation, and the file that they come from. */
export type GenerationSettings = Pick<LoadedSettings, "settings"> &
  Partial<Pick<LoadedSettings, "configFile">>;

/** State of the outgoing master, from which the incoming one continues. */
export interface GenerationBefore {
  readonly generation: number;
  /** Target number of workers. */
  readonly workers: number;
}

interface KnownRelease extends Release {
  readonly configFile: string | undefined;
}

export class Generations {
  readonly #known = new Map<number, KnownRelease>();
  readonly #workingFolder: string;
  readonly #excused = new Set<number>();
  #current: number;
  #latest: number;
  #target: number;
  /** Number of slots that keep their workers during a rollout. */
  #spared = 0;
  #rollout: Rollout | undefined;

  /**
   * @param workingFolder folder of the master at its start, links unresolved
   * @param before state of the outgoing master, in an upgrade
   */
  constructor(
    loaded: GenerationSettings,
    workingFolder: string,
    before?: GenerationBefore,
  ) {
    const { generation, workers } = before ?? { generation: 0, workers: 0 };
    this.#workingFolder = workingFolder;
    this.#latest = generation + 1;
    this.#current = this.#latest;
    this.#know(this.#current, loaded);
    this.#target = within(workerRange(loaded.settings), workers);
  }

  /** The newest generation so far, including failed ones. */
  get latest(): number {
    return this.#latest;
  }

  /** Target generation. */
  get current(): number {
    return this.#current;
  }

  /** Settings of the target generation, with links in the app path resolved. */
  get settings(): Settings {
    return this.settingsOf(this.#current);
  }

  /** App module of the target generation, as written in the settings. */
  get app(): string | undefined {
    return this.#known.get(this.#current)?.app;
  }

  /** Settings that a reload or an upgrade must not drop silently. */
  get inForce(): InForce {
    const { settings, configFile } = this.#releaseOf(this.#current);
    return inForce({ settings: { ...settings, app: this.app }, configFile });
  }

  /** Settings of the target generation or the one before the rollout. */
  settingsOf(generation: number): Settings {
    return this.#releaseOf(generation).settings;
  }

  /** Working folder of a generation; undefined if the generation is over. */
  folderOf(generation: number): string | undefined {
    return this.#known.get(generation)?.folder;
  }

  get target(): number {
    const { phase, previous } = this.#rollout ?? {};
    return phase === "canary" && previous ? previous.target : this.#target;
  }

  get rollout(): Rollout | undefined {
    return this.#rollout;
  }

  get goal(): GenerationGoal {
    const { target } = this;
    const spared = this.#spared;
    const { surge } = this.settings.roll;
    const rollout = this.#rollout;
    if (rollout?.phase === "canary") {
      const { generation } = rollout.previous;
      return { target, spared, generation, surge, canary: this.#current };
    }
    const excused = this.#excused;
    return { target, spared, generation: this.#current, surge, excused };
  }

  /** Sets the target, whether the rollout in progress succeeds or fails. */
  scaleTo(workers: number): void {
    this.#target = workers;
    if (!this.#rollout) return;
    this.#spared = workers;
    const previous = { ...this.#rollout.previous, target: workers };
    this.#rollout = { ...this.#rollout, previous };
  }

  /**
   * Begins the rollout of a new generation.
   *
   * @param hasCanary whether one new worker is on trial first
   */
  begin(loaded: GenerationSettings, now: number, hasCanary: boolean): Rollout {
    // This supersedes a rollout in progress; the previous generation stays.
    const previous = this.#rollout?.previous ?? {
      generation: this.#current,
      target: this.#target,
    };
    this.#spared = Math.max(this.#spared, this.#target, previous.target);
    this.#excused.clear();
    this.#current = ++this.#latest;
    this.#know(this.#current, loaded);
    // Keep the size chosen under load, within the new bounds.
    this.#target = within(workerRange(loaded.settings), this.#target);
    this.#rollout = {
      generation: this.#current,
      previous,
      startedAt: now,
      phase: hasCanary ? "canary" : "replacing",
    };
    return this.#rollout;
  }

  /** Ends the trial of a healthy canary, so that other workers are replaced. */
  promote(): void {
    this.#moveRollout("replacing");
  }

  /** Makes the generation before the rollout the target again. */
  abort(error: string): void {
    const { previous } = this.#moveRollout("returning", error);
    this.#current = previous.generation;
    this.#target = previous.target;
    this.#spared = 0;
  }

  /**
   * Keeps the worker in the slot: no worker of the target generation starts
   * there.
   */
  excuse(slot: number): void {
    this.#excused.add(slot);
  }

  get excused(): ReadonlySet<number> {
    return this.#excused;
  }

  /** Ends the rollout when all workers match the target. */
  settle(): void {
    this.#rollout = undefined;
    this.#spared = 0;
    for (const generation of this.#known.keys()) {
      if (generation !== this.#current) this.#known.delete(generation);
    }
  }

  #moveRollout(to: RolloutPhase, error?: string): Rollout {
    const rollout = this.#rollout;
    if (!rollout) throw new Error("no rollout is under way");
    const phase = transition(TABLE, rollout.phase, to);
    this.#rollout = {
      ...rollout,
      phase,
      ...(error !== undefined && { error }),
    };
    return this.#rollout;
  }

  #know(generation: number, loaded: GenerationSettings): void {
    const { settings, configFile } = loaded;
    const release = pinnedRelease(settings, this.#workingFolder);
    this.#known.set(generation, { ...release, configFile });
  }

  #releaseOf(generation: number): KnownRelease {
    const known = this.#known.get(generation);
    if (!known) throw new Error(`nothing is known of generation ${generation}`);
    return known;
  }
}

/**
 * The code of a generation, fixed when its settings are read. A release is
 * often a symbolic link that the next deployment switches; a generation keeps
 * its release, so that workers of it can still be started.
 */
export interface Release {
  /** With links in the paths of the app module and of imports resolved. */
  readonly settings: Settings;
  /** The app module, as written in the settings. */
  readonly app: string | undefined;
  /** Working folder of the workers, with links resolved. */
  readonly folder: string;
}

/** @param workingFolder folder of the master at its start, links unresolved */
export function pinnedRelease(
  settings: Settings,
  workingFolder: string,
): Release {
  const { app } = settings;
  const folder = realPathOf(workingFolder);
  const imports = settings.import.map((each) => {
    return path.isAbsolute(each) ? realPathOf(each) : each;
  });
  const pinned = { ...settings, import: imports };
  if (app === undefined) return { settings: pinned, app, folder };
  return { settings: { ...pinned, app: realPathOf(app) }, app, folder };
}

/** A path that does not exist stays unchanged: the worker reports it. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
