/**
 * Reads multipart forms according to RFC 2046 §5.1.1, RFC 5322 and RFC 7578:
 * the whole body at once, line by line, with regular expressions. It shares no
 * code with the server. All text is Latin-1: a character is a byte.
 */
import { readReferencePart } from "./reference-form-part.ts";
import { ReadingEnd, refuseWhere } from "./reference-grammar.ts";

/** Names and texts are decoded; file contents are not. */
export type ReferenceEntry =
  | { readonly name: string; readonly text: string }
  | {
      readonly name: string;
      readonly filename: string;
      readonly type: string;
      readonly content: string;
    };

export interface ReferenceFormLimits {
  readonly maxParts: number;
  readonly maxNameBytes: number;
  readonly maxFieldBytes: number;
  readonly maxFileBytes: number;
}

export type ReferenceFormReading =
  | { readonly entries: readonly ReferenceEntry[] }
  /** One of these statuses refuses it. */
  | { readonly statuses: readonly number[] };

const MAX_HEAD_BYTES = 4096;

export function readReferenceForm(
  wire: string,
  boundary: string,
  limits: ReferenceFormLimits,
): ReferenceFormReading {
  try {
    return { entries: entriesOf(wire, `--${boundary}`, limits) };
  } catch (error) {
    if (!(error instanceof ReadingEnd)) throw error;
    return { statuses: error.statuses };
  }
}

function entriesOf(
  wire: string,
  dashes: string,
  limits: ReferenceFormLimits,
): readonly ReferenceEntry[] {
  const lines = wire.split("\r\n");
  const isDelimiter = (line: string) => line.startsWith(dashes);
  const entries: ReferenceEntry[] = [];
  let rest = lines.slice(indexOr400(lines.findIndex(isDelimiter)));
  for (;;) {
    const [delimiter = "", ...behind] = rest;
    const tail = delimiter.slice(dashes.length);
    if (/^--[ \t]*$/.test(tail)) return entries;
    refuseWhere({ 400: !/^[ \t]*$/.test(tail) || behind.length === 0 });
    const headEnd = endOfHead(behind);
    refuseWhere({ 413: entries.length >= limits.maxParts });
    const part = readReferencePart(behind.slice(0, headEnd), limits);
    const after = behind.slice(headEnd + 1);
    const next = after.findIndex(isDelimiter);
    const isCut = next < 0;
    const bytes = isCut ? certainBytes(after.join("\r\n"), dashes) : 0;
    if (isCut) refuseWhere({ [bytes > part.maxBytes ? 413 : 400]: true });
    // A delimiter starts with the CRLF before it, which is not that of the
    // head.
    refuseWhere({ 400: next === 0 });
    entries.push(part.entryOf(after.slice(0, next).join("\r\n")));
    rest = after.slice(next);
  }
}

function indexOr400(index: number): number {
  refuseWhere({ 400: index < 0 });
  return index;
}

/** Index of the empty line; the text after the last CRLF is not a line. */
function endOfHead(lines: readonly string[]): number {
  const end = lines.slice(0, -1).indexOf("");
  const head = end < 0 ? lines : lines.slice(0, end + 1);
  const bytes = head.join("\r\n").length + (end < 0 ? 0 : 2);
  const isTooLarge = end < 0 ? bytes >= MAX_HEAD_BYTES : bytes > MAX_HEAD_BYTES;
  refuseWhere(isTooLarge ? { 413: true } : { 400: end < 0 });
  return end;
}

/** Bytes of incomplete content that cannot belong to a delimiter. */
function certainBytes(content: string, dashes: string): number {
  const text = `\r\n${content}`;
  const delimiter = `\r\n${dashes}`;
  let begun = Math.min(delimiter.length, text.length);
  while (!text.endsWith(delimiter.slice(0, begun))) begun--;
  return Math.max(0, text.length - begun - 2);
}
