/**
 * Which generation of workers there should be, how many, and with which
 * settings; and the roll that is to bring the next one.
 *
 *   canary ─► replacing ─► done
 *      └──────────┴─► returning ─► done
 */
import type { LoadedSettings } from "../../../shared/config/load-settings.ts";
import type { Settings } from "../../../shared/config/settings.ts";
import type { InForce } from "../../../shared/upgrade-messages.ts";
import { inForce } from "../in-force.ts";
import type { PoolGoal } from "../reconcile.ts";
import { within, workerRange } from "../scaling/worker-range.ts";
import { pinnedRelease, type Release } from "./pinned-release.ts";

/**
 * - `canary`: one new worker is on trial, all others stay as they are
 * - `replacing`: the rest follows
 * - `returning`: it has failed; slots that were replaced get workers of the
 *   generation before
 */
export type RollPhase = "canary" | "replacing" | "returning";

/** A rolling restart under way. */
export interface Roll {
  readonly generation: number;
  /** What it returns to where it fails. */
  readonly previous: { readonly generation: number; readonly target: number };
  readonly startedAt: number;
  readonly phase: RollPhase;
  /** Why it failed, once it has. */
  readonly error?: string;
}

/** What the pool shall be, but for the clock. */
export type GenerationGoal = Omit<PoolGoal, "notBefore">;

/** Settings that a generation starts with, and the file that they are from. */
export type GenerationSettings = Pick<LoadedSettings, "settings"> &
  Partial<Pick<LoadedSettings, "configFile">>;

/** Where the master before this one had got to. */
export interface GenerationBefore {
  readonly generation: number;
  /** How many workers it wanted. */
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
  /** Slots that keep their worker while a roll is under way. */
  #spared = 0;
  #roll: Roll | undefined;

  /**
   * @param workingFolder by the name that the master was started in
   * @param before that of the master which this one succeeds
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

  /** The newest that there has been, failed ones included. */
  get latest(): number {
    return this.#latest;
  }

  /** That the workers shall be of; or shall become, while a roll lasts. */
  get current(): number {
    return this.#current;
  }

  /** Its settings, with the app module behind any links. */
  get settings(): Settings {
    return this.settingsOf(this.#current);
  }

  /** Its app module, as it was named. */
  get app(): string | undefined {
    return this.#known.get(this.#current)?.app;
  }

  /** Settings that a reload or an upgrade must not drop silently. */
  get inForce(): InForce {
    const { settings, configFile } = this.#releaseOf(this.#current);
    return inForce({ settings: { ...settings, app: this.app }, configFile });
  }

  /** Of the current generation, or of the one that a roll came from. */
  settingsOf(generation: number): Settings {
    return this.#releaseOf(generation).settings;
  }

  /** Where workers of the generation run; undefined of one that is over. */
  folderOf(generation: number): string | undefined {
    return this.#known.get(generation)?.folder;
  }

  get target(): number {
    const { phase, previous } = this.#roll ?? {};
    return phase === "canary" && previous ? previous.target : this.#target;
  }

  get roll(): Roll | undefined {
    return this.#roll;
  }

  get goal(): GenerationGoal {
    const { target } = this;
    const spared = this.#spared;
    const { surge } = this.settings.roll;
    const roll = this.#roll;
    if (roll?.phase === "canary") {
      const { generation } = roll.previous;
      return { target, spared, generation, surge, canary: this.#current };
    }
    const excused = this.#excused;
    return { target, spared, generation: this.#current, surge, excused };
  }

  /** Holds whether a roll that is under way succeeds or not. */
  scaleTo(workers: number): void {
    this.#target = workers;
    if (!this.#roll) return;
    this.#spared = workers;
    const previous = { ...this.#roll.previous, target: workers };
    this.#roll = { ...this.#roll, previous };
  }

  /**
   * From now on there should be workers of a new generation.
   *
   * @param hasCanary whether one of them has to prove itself first
   */
  begin(loaded: GenerationSettings, now: number, hasCanary: boolean): Roll {
    // One that was under way is overtaken: what it came from still counts.
    const previous = this.#roll?.previous ?? {
      generation: this.#current,
      target: this.#target,
    };
    this.#spared = Math.max(this.#spared, this.#target, previous.target);
    this.#excused.clear();
    this.#current = ++this.#latest;
    this.#know(this.#current, loaded);
    // What was chosen under load stays, as far as the new bounds allow.
    this.#target = within(workerRange(loaded.settings), this.#target);
    this.#roll = {
      generation: this.#current,
      previous,
      startedAt: now,
      phase: hasCanary ? "canary" : "replacing",
    };
    return this.#roll;
  }

  /** The canary has proved itself: the rest follows. */
  promote(): void {
    const roll = this.#roll as Roll;
    this.#roll = { ...roll, phase: "replacing" };
  }

  /** The generation before the roll is again what there should be. */
  abort(error: string): void {
    const roll = this.#roll as Roll;
    const { previous } = roll;
    this.#current = previous.generation;
    this.#target = previous.target;
    this.#spared = 0;
    this.#roll = { ...roll, phase: "returning", error };
  }

  /** No worker of the generation can be had there: what it has must do. */
  excuse(slot: number): void {
    this.#excused.add(slot);
  }

  get excused(): ReadonlySet<number> {
    return this.#excused;
  }

  /** All workers are what they should be. */
  settle(): void {
    this.#roll = undefined;
    this.#spared = 0;
    for (const generation of this.#known.keys()) {
      if (generation !== this.#current) this.#known.delete(generation);
    }
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
