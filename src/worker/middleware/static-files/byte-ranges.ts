/** `Range: bytes=…`: RFC 9110 §14.1.2 and §14.2. Without I/O. */

/** Offsets of the first and the last octet, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export type WantedRanges =
  /** No, malformed or excessive ranges: send the whole content. */
  | { readonly type: "whole" }
  /** One or more ranges that do not touch each other. */
  | { readonly type: "ranges"; readonly ranges: readonly ByteRange[] }
  /** All ranges begin after the end. */
  | { readonly type: "unsatisfiable" };

const WHOLE: WantedRanges = { type: "whole" };
const UNSATISFIABLE: WantedRanges = { type: "unsatisfiable" };

/**
 * §14.2: many small ranges are usually an attack, because each costs a separate
 * part (CVE-2011-3192). PDF viewers request a few at a time.
 */
export const MAX_RANGES = 16;

const UNIT = /^bytes=/i;
const RANGE = /^(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * Returns the ranges to send, in the order requested. If any of them overlap or
 * touch, all are sorted and those are merged (§15.3.7.2), so no octet is sent
 * twice.
 *
 * @param bytes length of the whole content
 */
export function wantedRanges(
  field: string | undefined,
  bytes: number,
): WantedRanges {
  // Empty content has no ranges, but some clients always request one.
  if (field === undefined || bytes === 0 || !UNIT.test(field)) return WHOLE;
  const ranges: ByteRange[] = [];
  let count = 0;
  for (const member of field.slice("bytes=".length).split(",")) {
    const text = member.trim();
    if (text === "") continue; // §5.6.1.2: lists may have empty members
    const range = parseRange(text, bytes);
    if (range === undefined || ++count > MAX_RANGES) return WHOLE;
    if (range.first <= range.last) ranges.push(range);
  }
  if (count === 0) return WHOLE;
  if (ranges.length === 0) return UNSATISFIABLE;
  return { type: "ranges", ranges: merged(ranges) };
}

/**
 * Parses one range and cuts it at the end of the content. An unsatisfiable
 * range is empty (first after last); a malformed one is undefined.
 */
function parseRange(text: string, bytes: number): ByteRange | undefined {
  const [, first, last = "", suffix] = RANGE.exec(text) ?? [];
  if (suffix !== undefined) {
    return { first: Math.max(0, bytes - Number(suffix)), last: bytes - 1 };
  }
  if (first === undefined) return undefined;
  const from = Number(first);
  if (last === "") return { first: from, last: bytes - 1 };
  // §14.1.2: "500-400" makes the whole field invalid.
  if (Number(last) < from) return undefined;
  return { first: from, last: Math.min(Number(last), bytes - 1) };
}

function merged(ranges: readonly ByteRange[]): readonly ByteRange[] {
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
