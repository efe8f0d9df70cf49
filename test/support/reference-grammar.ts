/**
 * Rules of RFC 9110 and RFC 9112 as parts of regular expressions, for the
 * reference reader. All text is Latin-1: a character is a byte.
 */

/** RFC 9110 §5.6.2: token = 1*tchar. */
export const TCHAR = "[!#$%&'*+.^_`|~0-9A-Za-z-]";

/** Characters of a field value, RFC 9110 §5.5; obs-text is opaque. */
export const VCHAR = "[\\t\\x20-\\x7e\\x80-\\xff]";

/** Visible ASCII, except "#" and backslash. */
export const TARGET_CHAR = '[!"$-\\[\\]-~]';

const H16 = "[\\da-fA-F]{1,4}";
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const LS32 = `(?:${H16}:${H16}|${OCTET}(?:\\.${OCTET}){3})`;
const groups = (count: number) => `(?:${H16}:){${count}}`;
const upTo = (count: number) => `(?:(?:${H16}:){0,${count}}${H16})?`;

/** RFC 3986 §3.2.2: IPv6address, in the order of its rules. */
export const IPV6_ADDRESS = `(?:${[
  `${groups(6)}${LS32}`,
  `::${groups(5)}${LS32}`,
  `${upTo(0)}::${groups(4)}${LS32}`,
  `${upTo(1)}::${groups(3)}${LS32}`,
  `${upTo(2)}::${groups(2)}${LS32}`,
  `${upTo(3)}::${groups(1)}${LS32}`,
  `${upTo(4)}::${LS32}`,
  `${upTo(5)}::${H16}`,
  `${upTo(6)}::`,
].join("|")})`;

/** RFC 3986 §3.2.2: IPvFuture, without the comma. */
export const IP_FUTURE = "[vV][\\da-fA-F]+\\.[\\w.~!$&'()*+;=:-]+";

/** Matches a text that consists of the joined parts. */
export function exactly(...pieces: string[]): RegExp {
  return new RegExp(`^(?:${pieces.join("")})$`, "s");
}

/** Ends a reference reading; without a status more input is needed. */
export class ReadingEnd extends Error {
  /** Acceptable statuses of the refusal, in no order. */
  readonly statuses: readonly number[];

  constructor(statuses: readonly number[]) {
    super(statuses.length ? `refused: ${statuses.join(", ")}` : "incomplete");
    this.statuses = statuses;
  }
}

/** Ends the reading if there is a fault. */
export function refuseWhere(faults: Readonly<Record<number, boolean>>): void {
  const statuses = Object.keys(faults).map(Number);
  const found = statuses.filter((status) => faults[status]);
  if (found.length > 0) throw new ReadingEnd(found);
}
