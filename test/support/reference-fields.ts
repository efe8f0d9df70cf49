import {
  exactly,
  ReadingEnd,
  refuseWhere,
  TCHAR,
  VCHAR,
} from "./reference-grammar.ts";

/** Names in lower case and values without surrounding blanks, in order. */
export type ReferenceFields = readonly (readonly [
  name: string,
  value: string,
])[];

const FIELD_LINE = exactly(`(${TCHAR}+):(${VCHAR}*)`);
const FIELD_LINE_BEGUN = exactly(`\\r?|${TCHAR}+(?::${VCHAR}*\\r?)?`);

/**
 * Reads the field lines at the start of `text`, up to the empty line: RFC 9112
 * §5, in a head or in trailers.
 */
export function readFields(
  text: string,
  limits: { readonly maxBytes: number; readonly maxFields: number },
): { readonly fields: ReferenceFields; readonly rest: string } {
  const lines: string[] = [];
  let at = 0;
  for (;;) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) refuseOrWait(text, lines, text.slice(at), limits);
    const line = text.slice(at, end);
    at = end + 2;
    if (line === "") break;
    lines.push(line);
  }
  refuseWhere({
    400: lines.some((line) => !FIELD_LINE.test(line)),
    431: at > limits.maxBytes || lines.length > limits.maxFields,
  });
  return { fields: lines.map(fieldOf), rest: text.slice(at) };
}

function refuseOrWait(
  text: string,
  lines: readonly string[],
  begun: string,
  limits: { readonly maxBytes: number; readonly maxFields: number },
): never {
  const isLineBegun = begun !== "" && begun !== "\r";
  const isWrong = (line: string) => !FIELD_LINE.test(line);
  refuseWhere({
    400: lines.some(isWrong) || !FIELD_LINE_BEGUN.test(begun),
    431:
      text.length >= limits.maxBytes ||
      lines.length + Number(isLineBegun) > limits.maxFields,
  });
  throw new ReadingEnd([]);
}

function fieldOf(line: string): [string, string] {
  const [, name = "", value = ""] = FIELD_LINE.exec(line) ?? [];
  return [name.toLowerCase(), withoutBlanks(value)];
}

/** RFC 9110 §5.6.3: blanks are SP and HTAB alone. */
export function withoutBlanks(text: string): string {
  const isBlank = (char: string | undefined) => char === " " || char === "\t";
  const chars = [...text];
  while (isBlank(chars[0])) chars.shift();
  while (isBlank(chars.at(-1))) chars.pop();
  return chars.join("");
}
