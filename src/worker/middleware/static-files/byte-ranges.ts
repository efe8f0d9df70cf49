/** `Range: bytes=…`: RFC 9110 §14.1.2 and §14.2. Without I/O. */

/** First and last octet, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export type WantedRanges =
  /** Nothing that can be understood, or too much: all of it. */
  | { readonly type: "whole" }
  /** At least one, none of which touches another. */
  | { readonly type: "ranges"; readonly ranges: readonly ByteRange[] }
  /** Nothing of what is wanted is there. */
  | { readonly type: "unsatisfiable" };

const WHOLE: WantedRanges = { type: "whole" };
const UNSATISFIABLE: WantedRanges = { type: "unsatisfiable" };

/**
 * §14.2: many small ranges are mostly an attack, each costs a part of its own
 * (CVE-2011-3192). PDF viewers ask for a few at a time.
 */
export const MAX_RANGES = 16;

const UNIT = /^bytes=/i;
const RANGE = /^(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * What is to be sent. Ranges come in the order in which they were asked for;
 * if any of them overlap or touch, they are joined and sorted (§15.3.7.2), so
 * that nothing is sent twice.
 *
 * @param field undefined where the request has none
 * @param bytes length of the whole
 */
export function wantedRanges(
  field: string | undefined,
  bytes: number,
): WantedRanges {
  // Of what is empty there are no ranges; some clients always ask for one.
  if (field === undefined || bytes === 0 || !UNIT.test(field)) return WHOLE;
  const ranges: ByteRange[] = [];
  let count = 0;
  for (const member of field.slice("bytes=".length).split(",")) {
    const text = member.trim();
    if (text === "") continue; // §5.6.1.2: an empty member of a list
    const range = parseRange(text, bytes);
    if (range === undefined || ++count > MAX_RANGES) return WHOLE;
    if (range.first <= range.last) ranges.push(range);
  }
  if (count === 0) return WHOLE;
  if (ranges.length === 0) return UNSATISFIABLE;
  return { type: "ranges", ranges: joined(ranges) };
}

/**
 * One range, cut off at the end. Empty (its first after its last) where it
 * cannot be satisfied, undefined where it is none.
 */
function parseRange(text: string, bytes: number): ByteRange | undefined {
  const [, first, last = "", suffix] = RANGE.exec(text) ?? [];
  if (suffix !== undefined) {
    return { first: Math.max(0, bytes - Number(suffix)), last: bytes - 1 };
  }
  if (first === undefined) return undefined;
  const from = Number(first);
  if (last === "") return { first: from, last: bytes - 1 };
  // §14.1.2: "500-400" is invalid, and so is all of the field.
  if (Number(last) < from) return undefined;
  return { first: from, last: Math.min(Number(last), bytes - 1) };
}

function joined(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const sorted = [...ranges].sort((one, other) => one.first - other.first);
  const result: ByteRange[] = [];
  for (const range of sorted) {
    const before = result.at(-1);
    if (before === undefined || range.first > before.last + 1) {
      result.push(range);
    } else if (range.last > before.last) {
      result[result.length - 1] = { first: before.first, last: range.last };
    }
  }
  return result.length === ranges.length ? ranges : result;
}
