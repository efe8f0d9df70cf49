import { type ReferenceFields, readFields } from "./reference-fields.ts";
import {
  exactly,
  ReadingEnd,
  refuseWhere,
  TCHAR,
  VCHAR,
} from "./reference-grammar.ts";
import type { ReferenceLimits } from "./reference-reader.ts";

const SIZE = "[\\da-fA-F]{1,16}";
const BLANK = "[ \\t]";
const QUOTED = `(?:(?!["\\\\])${VCHAR}|\\\\${VCHAR})*`;
// §7.1.1: *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
const VALUE = `(?:${TCHAR}+|"${QUOTED}")`;
const EXTENSION =
  `${BLANK}*;${BLANK}*${TCHAR}+` + `(?:${BLANK}*=${BLANK}*${VALUE})?`;
const EXTENSIONS = `(?:${EXTENSION})*`;
const VALUE_BEGUN = `(?:${TCHAR}+${BLANK}*|"${QUOTED}(?:\\\\|"${BLANK}*)?)`;
const EXTENSION_BEGUN =
  `${BLANK}*(?:;${BLANK}*` +
  `(?:${TCHAR}+${BLANK}*(?:=${BLANK}*${VALUE_BEGUN}?)?)?)?`;

const SIZE_LINE = exactly(`(${SIZE})${EXTENSIONS}`);
const SIZE_LINE_BEGUN = exactly(
  `(?:${SIZE}${EXTENSIONS}\\r?|${SIZE}${EXTENSIONS}${EXTENSION_BEGUN})?`,
);

export interface ReferenceContent {
  readonly body: string;
  readonly trailers: ReferenceFields;
  readonly rest: string;
}

/** Reads the chunked body at the start of `text`: RFC 9112 §7.1. */
export function readChunks(
  text: string,
  limits: ReferenceLimits,
): ReferenceContent {
  let body = "";
  let extensionBytes = 0;
  let rest = text;
  for (;;) {
    const line = sizeLine(rest, limits, extensionBytes);
    extensionBytes += extensionOf(line).length;
    rest = rest.slice(line.length + 2);
    const size = sizeOf(line);
    if (size === 0) break;
    refuseWhere({ 413: body.length + size > limits.maxBodyBytes });
    const data = rest.slice(0, size);
    const lineEnd = rest.slice(size, size + 2);
    refuseWhere({ 400: !"\r\n".startsWith(lineEnd) });
    if (lineEnd !== "\r\n") throw new ReadingEnd([]);
    body += data;
    rest = rest.slice(size + 2);
  }
  const { maxHeadBytes: maxBytes, maxFields } = limits;
  const trailers = readFields(rest, { maxBytes, maxFields });
  return { body, trailers: trailers.fields, rest: trailers.rest };
}

function sizeLine(
  text: string,
  limits: ReferenceLimits,
  extensionBytes: number,
): string {
  const end = text.indexOf("\r\n");
  const line = end < 0 ? text : text.slice(0, end);
  const isWrong = !(end < 0 ? SIZE_LINE_BEGUN : SIZE_LINE).test(line);
  const ownBytes = extensionOf(line).replace(/\r$/, "").length;
  // Where an extension may not end, the line end counts as part of it.
  const bytes = extensionBytes + ownBytes + Number(isWrong && ownBytes > 0);
  refuseWhere({
    400: isWrong || sizeOf(line) >= 2 ** 53,
    431: bytes > limits.maxChunkExtensionBytes,
  });
  if (end < 0) throw new ReadingEnd([]);
  return line;
}

function sizeOf(line: string): number {
  return Number.parseInt(line || "0", 16);
}

function extensionOf(line: string): string {
  const [, extension = ""] = /^[\da-fA-F]*([ \t;].*)?$/s.exec(line) ?? [];
  return extension;
}
