/** The middle of some numbers, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError without any values */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) {
    throw new RangeError("no values have no median");
  }
  const middle = (sorted.length - 1) / 2;
  const lower = sorted[Math.floor(middle)] as number;
  const upper = sorted[Math.ceil(middle)] as number;
  return { median: (lower + upper) / 2, min, max };
}

/**
 * A quarter of the values is at most this.
 *
 * @throws RangeError without any values
 */
export function lowerQuartile(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const quartile = sorted[Math.floor((sorted.length - 1) / 4)];
  if (quartile === undefined) throw new RangeError("no values, no quartile");
  return quartile;
}
