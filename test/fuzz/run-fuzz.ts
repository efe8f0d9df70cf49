import type { FuzzOptions } from "./fuzz-options.ts";
import { Progress } from "./progress.ts";
import { runThread } from "./run-thread.ts";
import { type SavedInput, saveInput } from "./saved-input.ts";

export interface RunFuzzOptions extends FuzzOptions {
  /** URL of a module that exports `properties`. */
  readonly propertiesUrl: string;
  /** Folder in which failures are saved. */
  readonly folder: string;
  /** Default: 10 s. */
  readonly hangMs?: number;
}

export interface FuzzReport {
  readonly seed: number;
  /** By property name; `seconds` is the time spent on the property. */
  readonly tried: ReadonlyMap<string, Tried>;
  readonly failures: readonly { file: string; kept: SavedInput }[];
}

interface Tried {
  readonly inputs: number;
  readonly seconds: number;
}

/** Tries properties in turn until the time is over or all have failed. */
export async function runFuzz(options: RunFuzzOptions): Promise<FuzzReport> {
  const { seed, folder, propertiesUrl, hangMs = 10_000 } = options;
  const endsAt = Date.now() + options.seconds * 1000;
  const tried = new Map<string, Tried>();
  const failures: { file: string; kept: SavedInput }[] = [];
  let names = options.only;
  let turn = 0;
  const keep = (kept: SavedInput) => {
    names = names.filter((name) => name !== kept.property);
    failures.push({ file: saveInput(kept, folder), kept });
  };
  while (names.length > 0 && Date.now() < endsAt) {
    const progress = new Progress();
    const { memory } = progress;
    const data = { propertiesUrl, names, seed, turn, endsAt, memory };
    const error = await runThread({
      data,
      progress,
      hangMs,
      onTurn: (message) => {
        const { property, inputs, seconds, failure } = message;
        const before = tried.get(property) ?? { inputs: 0, seconds: 0 };
        tried.set(property, {
          inputs: before.inputs + inputs,
          seconds: before.seconds + seconds,
        });
        turn = message.turn + 1;
        if (failure) keep(failure);
      },
    });
    if (error === undefined) break;
    keep({ ...progress.current(), error });
    turn++;
  }
  return { seed, tried, failures };
}
