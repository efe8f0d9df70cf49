import type fc from "fast-check";

/** Something that holds for every input; inputs are plain JSON. */
export interface FuzzProperty {
  /** A word or two, joined by hyphens: it is in file names. */
  readonly name: string;
  /** What holds. */
  readonly sentence: string;
  readonly inputs: fc.Arbitrary<unknown>;
  /** How many inputs are tried in one go; a go takes less than a second. */
  readonly inputsPerTurn: number;
  /** Rejects where it does not hold. */
  readonly check: (input: unknown) => Promise<void> | void;
  /** Lets go of what its inputs share. */
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
 * Checks one input. Also an error that nobody caught, as one thrown in a
 * callback, is a failure.
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
