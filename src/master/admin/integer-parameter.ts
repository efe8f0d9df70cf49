export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads an integer of a query.
 *
 * @returns undefined if it is not given, and a text if it is wrong
 */
export function integerParameter(
  query: URLSearchParams,
  name: string,
  { min, max }: IntegerRange,
): number | string | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  return `${name} must be an integer, ${min} to ${max}`;
}
