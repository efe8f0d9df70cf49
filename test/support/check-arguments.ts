import { type ParseArgsConfig, parseArgs } from "node:util";

type Flags = NonNullable<ParseArgsConfig["options"]>;

/** An invalid command line of a check: exit code 2. */
export class CheckUsageError extends Error {}

/** Parses the flags and words of a check. @throws CheckUsageError */
export function parseCheckArguments<const F extends Flags>(
  args: readonly string[],
  options: F,
  { allowPositionals = false } = {},
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    const flags = Object.keys(options).map((name) => `--${name}`);
    const [message = ""] = (error as Error).message.split(". ");
    throw new CheckUsageError(`${message}; it takes ${flags.join(", ")}`);
  }
}

/** A number from `min` to `max` inclusive. @throws CheckUsageError */
export function numberFlag(
  name: string,
  text: string,
  [min, max]: readonly [min: number, max: number],
): number {
  const value = Number(text);
  if (text !== "" && value >= min && value <= max) return value;
  const valid = `a number from ${min} to ${max}`;
  throw new CheckUsageError(`--${name} must be ${valid}, not "${text}"`);
}

/** An integer from `min` to `max` inclusive. @throws CheckUsageError */
export function integerFlag(
  name: string,
  text: string,
  [min, max]: readonly [min: number, max: number],
): number {
  const value = Number(text);
  const isValid = Number.isInteger(value) && value >= min && value <= max;
  if (text !== "" && isValid) return value;
  const valid = `a whole number from ${min} to ${max}`;
  throw new CheckUsageError(`--${name} must be ${valid}, not "${text}"`);
}

/** A part of a whole: `2/8` is the second of eight. @throws CheckUsageError */
export function partFlag(name: string, text: string) {
  const [number = 0, of = 0] = text.split("/").map(Number);
  const isValid = /^\d+\/\d+$/.test(text) && number >= 1 && number <= of;
  if (isValid) return { number, of };
  const valid = 'a part such as "2/8", the second of eight';
  throw new CheckUsageError(`--${name} must be ${valid}, not "${text}"`);
}

/** Finds an item by name. @throws CheckUsageError that lists all names */
export function namedItem<Item extends { readonly name: string }>(
  what: string,
  name: string,
  items: readonly Item[],
): Item {
  const item = items.find((each) => each.name === name);
  if (item) return item;
  const names = items.map((each) => each.name).join(", ");
  throw new CheckUsageError(`${what} "${name}" is none of ${names}`);
}

/**
 * Checks that a word is allowed. @throws CheckUsageError that lists all words
 */
export function wordFlag<Word extends string>(
  flag: string,
  text: string,
  words: readonly Word[],
): Word {
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  const valid = words.join(" or ");
  throw new CheckUsageError(`--${flag} must be ${valid}, not "${text}"`);
}
