import type fc from "fast-check";

/** A property that holds for every input; inputs are plain JSON. */
export interface FuzzProperty {
  /** One or two words, joined by hyphens, for use in file names. */
  readonly name: string;
  /** Statement of the property. */
  readonly sentence: string;
  readonly inputs: fc.Arbitrary<unknown>;
  /** Number of inputs per turn; a turn takes less than a second. */
  readonly inputsPerTurn: number;
  /** Rejects if the property does not hold. */
  readonly check: (input: unknown) => Promise<void> | void;
  /** Releases resources that its inputs share. */
  readonly close?: () => Promise<void>;
}

interface FuzzPropertyInit<Input> {
  readonly name: string;
  readonly sentence: string;
  readonly inputs: fc.Arbitrary<Input>;
  readonly inputsPerTurn?: number;
  readonly check: (input: Input) => Promise<void> | void;
  readonly close?: () => Promise<void>;
}

export function fuzzProperty<Input>(
  init: FuzzPropertyInit<Input>,
): FuzzProperty {
  const { check, inputsPerTurn = 100, ...others } = init;
  return {
    ...others,
    inputsPerTurn,
    check: (input) => check(input as Input),
  };
}

const strays: unknown[] = [];
process.on("unhandledRejection", (error) => strays.push(error));
process.on("uncaughtException", (error) => strays.push(error));

/**
 * Checks one input. An uncaught error, as one thrown in a callback, is a
 * failure too.
 */
export async function checkInput(
  property: FuzzProperty,
  input: unknown,
): Promise<void> {
  strays.length = 0;
  await property.check(input);
  const [stray] = strays;
  if (stray) throw new Error("an error that nobody caught", { cause: stray });
}
