/**
 * Which generation of workers there should be, how many, and with which
 * settings; and the reload that is to bring the next one.
 */
import type { Settings } from "../shared/config/settings.ts";
import { within, workerRange } from "./worker-range.ts";

/** A rolling restart under way. */
export interface Roll {
  readonly generation: number;
  /** What it returns to where it fails. */
  readonly previous: { readonly generation: number; readonly target: number };
  readonly startedAt: number;
}

/** How the last reload went. */
export interface ReloadOutcome {
  readonly result: "success" | "failure" | "refused";
  /** The generation that it was to bring; none where it was refused. */
  readonly generation?: number;
  readonly error?: string;
  /** ISO 8601. */
  readonly at: string;
}

export class Generations {
  readonly #settingsOf = new Map<number, Settings>();
  #current = 1;
  #latest = 1;
  #target: number;
  #roll: Roll | undefined;
  #lastReload: ReloadOutcome | undefined;

  constructor(settings: Settings) {
    this.#settingsOf.set(1, settings);
    this.#target = workerRange(settings).min;
  }

  /** Workers of a lower one are late. */
  get current(): number {
    return this.#current;
  }

  get settings(): Settings {
    return this.#settingsOf.get(this.#current) as Settings;
  }

  get target(): number {
    return this.#target;
  }

  /** Fewer workers come with a reload that succeeds, not before. */
  get spared(): number {
    return this.#roll?.previous.target ?? 0;
  }

  get roll(): Roll | undefined {
    return this.#roll;
  }

  get lastReload(): ReloadOutcome | undefined {
    return this.#lastReload;
  }

  /** Holds whether a roll that is under way succeeds or not. */
  scaleTo(workers: number): void {
    this.#target = workers;
    if (!this.#roll) return;
    const previous = { ...this.#roll.previous, target: workers };
    this.#roll = { ...this.#roll, previous };
  }

  /** From now on there should be workers of a new generation. */
  begin(settings: Settings, now: number): Roll {
    // One that was under way is overtaken: what it came from still counts.
    const previous = this.#roll?.previous ?? {
      generation: this.#current,
      target: this.#target,
    };
    this.#current = ++this.#latest;
    this.#settingsOf.set(this.#current, settings);
    // What was chosen under load stays, as far as the new bounds allow.
    this.#target = within(workerRange(settings), this.#target);
    this.#roll = { generation: this.#current, previous, startedAt: now };
    return this.#roll;
  }

  succeed(): void {
    this.#end({ result: "success", generation: this.#current });
  }

  /** The generation before the roll is again what there should be. */
  abort(error: string): void {
    const { generation, previous } = this.#roll as Roll;
    this.#current = previous.generation;
    this.#target = previous.target;
    this.#end({ result: "failure", generation, error });
  }

  /** The settings were not valid: nothing changes. */
  refuse(error: string): void {
    this.#remember({ result: "refused", error });
  }

  #end(outcome: Omit<ReloadOutcome, "at">): void {
    this.#roll = undefined;
    this.#remember(outcome);
    for (const generation of this.#settingsOf.keys()) {
      if (generation !== this.#current) this.#settingsOf.delete(generation);
    }
  }

  #remember(outcome: Omit<ReloadOutcome, "at">): void {
    this.#lastReload = { ...outcome, at: new Date().toISOString() };
  }
}
