/** Thread that tries properties, one turn after the other. */
import { parentPort, workerData } from "node:worker_threads";
import type { FuzzProperty } from "./fuzz-property.ts";
import { Progress } from "./progress.ts";
import type { SavedInput } from "./saved-input.ts";
import { tryInputs } from "./try-inputs.ts";

export interface ThreadData {
  /** URL of a module that exports `properties`. */
  readonly propertiesUrl: string;
  /** Names of the properties to try. */
  readonly names: readonly string[];
  readonly seed: number;
  /** First turn; together with the seed it determines the inputs. */
  readonly turn: number;
  /** End time, by `Date.now()`. */
  readonly endsAt: number;
  readonly memory: SharedArrayBuffer;
}

export type ThreadMessage =
  | { readonly type: "ready" }
  | {
      readonly type: "turn";
      readonly turn: number;
      readonly property: string;
      readonly inputs: number;
      readonly seconds: number;
      readonly failure: SavedInput | undefined;
    }
  | { readonly type: "done" };

/** Distance between seeds, large because the seeds of turns must differ. */
const SEED_STEP = 0x9e3779b1;

const data = workerData as ThreadData;
const progress = new Progress(data.memory);
const { properties } = (await import(data.propertiesUrl)) as {
  properties: readonly FuzzProperty[];
};
const tried = properties.filter(({ name }) => data.names.includes(name));
const failed = new Set<FuzzProperty>();

say({ type: "ready" });
let { turn } = data;
// Runs at least one turn, even after a slow start.
do {
  const property = tried[turn % tried.length] as FuzzProperty;
  if (!failed.has(property)) await takeTurn(property);
  turn++;
} while (Date.now() < data.endsAt && failed.size < tried.length);
for (const { close } of tried) await close?.();
say({ type: "done" });

async function takeTurn(property: FuzzProperty): Promise<void> {
  const { name } = property;
  const startedAt = performance.now();
  const before = progress.count;
  const failure = await tryInputs(property, {
    seed: (data.seed + Math.imul(turn, SEED_STEP)) | 0,
    inputs: property.inputsPerTurn,
    onInput: (input) => progress.begin({ property: name, input }),
  });
  // Skipped from now on: the same failure would be found again.
  if (failure) failed.add(property);
  const inputs = progress.count - before;
  const seconds = (performance.now() - startedAt) / 1000;
  say({ type: "turn", turn, property: name, inputs, seconds, failure });
}

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}
