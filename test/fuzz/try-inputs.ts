import fc from "fast-check";
import { checkInput, type FuzzProperty } from "./fuzz-property.ts";
import type { SavedInput } from "./saved-input.ts";

export interface TryOptions {
  readonly seed?: number;
  readonly inputs: number;
  /** Called with each input before it is tried. */
  readonly onInput?: (input: unknown) => void;
}

/**
 * Tries a number of inputs of a property.
 *
 * @returns the smallest failing input found, if any
 */
export async function tryInputs(
  property: FuzzProperty,
  { seed, inputs, onInput }: TryOptions,
): Promise<SavedInput | undefined> {
  const predicate = async (input: unknown) => {
    onInput?.(input);
    await checkInput(property, input);
  };
  const details = await fc.check(fc.asyncProperty(property.inputs, predicate), {
    numRuns: inputs,
    ...(seed === undefined ? {} : { seed }),
  });
  if (!details.failed) return undefined;
  return {
    property: property.name,
    error: errorText(details.errorInstance),
    seed: details.seed,
    path: details.counterexamplePath ?? "",
    input: details.counterexample?.[0],
  };
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = `${error.name}: ${error.message}`;
  return error.cause ? `${text}: ${errorText(error.cause)}` : text;
}
