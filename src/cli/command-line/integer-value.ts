import { UsageError } from "../usage-error.ts";

interface IntegerRange {
  readonly min: number;
  readonly max?: number;
}

const MAX_INT = 2 ** 31 - 1;

/**
 * A parser of texts for a flag or an operand.
 *
 * @param what begins its error message: `--pid`
 */
export function integerValue(what: string, range: IntegerRange) {
  const { min, max = MAX_INT } = range;
  return (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(
      `${what} is "${text}"; it must be an integer, ${min} to ${max}`,
    );
  };
}
