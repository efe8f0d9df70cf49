/**
 * Heads that are all there, as nearly all are: read from beginning to end, with
 * no state between two bytes. What is anything else (cut, wrong, over a limit,
 * of another version) is not refused here: `HeadParser` reads it again from its
 * first byte and knows what to say. So all that is taken here must be what
 * would be taken there, and nothing more.
 *
 * Runs per byte. Of a small head, what fields and lines cost beside their bytes
 * is the larger part.
 */
import {
  COLON,
  CR,
  DIGIT_0,
  DIGIT_1,
  endOfRun,
  endOfValue,
  IS_TARGET,
  IS_TOKEN,
  LF,
  SP,
} from "../bytes.ts";
import { MAX_METHOD_BYTES, type ParserLimits } from "../limits.ts";
import type { HeadPlaces } from "./head-offsets.ts";
import { type KnownFields, mayBeKnown } from "./known-fields.ts";

export class WholeHead {
  readonly #limits: ParserLimits;
  readonly #known: KnownFields;
  readonly #line = { nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0 };

  constructor(limits: ParserLimits, known: KnownFields) {
    this.#limits = limits;
    this.#known = known;
  }

  /**
   * Reads from `places.lineStart` on.
   *
   * @returns whether it is whole; if not, what it found means nothing
   */
  read(bytes: Buffer, places: HeadPlaces): boolean {
    const { maxHeadBytes, maxRequestLineBytes } = this.#limits;
    const end = Math.min(bytes.length, places.lineStart + maxHeadBytes);
    if (!readLine(bytes, end, places)) return false;
    const lineBytes = places.fieldsStart - places.lineStart;
    if (lineBytes > maxRequestLineBytes) return false;
    places.end = this.#readFields(bytes, places.fieldsStart, end);
    return places.end > 0;
  }

  /** @returns where they end, the empty line included; 0 where they do not */
  #readFields(bytes: Buffer, start: number, end: number): number {
    const line = this.#line;
    let room = this.#limits.maxFields;
    let at = start;
    while (at < end) {
      const nameStart = at;
      const nameEnd = endOfRun(bytes, at, end, IS_TOKEN);
      if (nameEnd === nameStart) {
        return isLineEnd(bytes, at, end) ? at + 2 : 0;
      }
      if (nameEnd === end || bytes[nameEnd] !== COLON || --room < 0) return 0;
      at = endOfValue(bytes, nameEnd + 1, end);
      if (!isLineEnd(bytes, at, end)) return 0;
      if (mayBeKnown(nameEnd - nameStart)) {
        line.nameStart = nameStart;
        line.nameEnd = nameEnd;
        line.valueStart = nameEnd + 1;
        line.valueEnd = at;
        this.#known.onField(bytes, line);
      }
      at += 2;
    }
    return 0;
  }
}

/** Whether it is whole, and usual. */
function readLine(bytes: Buffer, end: number, places: HeadPlaces): boolean {
  const { lineStart } = places;
  const methodEnd = endOfRun(bytes, lineStart, end, IS_TOKEN);
  const methodBytes = methodEnd - lineStart;
  if (methodBytes === 0 || methodBytes > MAX_METHOD_BYTES) return false;
  if (methodEnd === end || bytes[methodEnd] !== SP) return false;
  const targetStart = methodEnd + 1;
  const targetEnd = endOfRun(bytes, targetStart, end, IS_TARGET);
  if (targetEnd === targetStart) return false;
  const versionEnd = targetEnd + " HTTP/1.1".length;
  if (!isLineEnd(bytes, versionEnd, end)) return false;
  if (!isUsualVersion(bytes, targetEnd)) return false;
  places.methodEnd = methodEnd;
  places.targetEnd = targetEnd;
  places.fieldsStart = versionEnd + 2;
  places.isHttp10 = bytes[versionEnd - 1] === DIGIT_0;
  return true;
}

/** " HTTP/1.1" or " HTTP/1.0". */
function isUsualVersion(bytes: Buffer, at: number): boolean {
  const minor = bytes[at + 8];
  return (
    bytes[at] === SP &&
    bytes[at + 1] === 0x48 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x54 &&
    bytes[at + 4] === 0x50 &&
    bytes[at + 5] === 0x2f &&
    bytes[at + 6] === DIGIT_1 &&
    bytes[at + 7] === 0x2e &&
    (minor === DIGIT_1 || minor === DIGIT_0)
  );
}

/** Whether CRLF stands there. */
function isLineEnd(bytes: Buffer, at: number, end: number): boolean {
  return at + 1 < end && bytes[at] === CR && bytes[at + 1] === LF;
}
