import { readParameters } from "./read-parameters.ts";

/** The value of a Content-Type: `text/html; charset="utf-8"`. */
export interface MediaType {
  /** In lower case: "text/html". */
  readonly type: string;
  /** Names in lower case, values unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TYPE =
  /^[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)/;

/** ASCII is a subset of UTF-8. */
const UTF8 = /^(?:utf-?8|us-ascii)$/;

/** RFC 9110 §8.3.1; undefined if the text is not a media type. */
export function parseMediaType(text: string): MediaType | undefined {
  const [found, type] = TYPE.exec(text) ?? [];
  if (found === undefined || type === undefined) return undefined;
  const raw = readParameters(text, found.length);
  if (!raw) return undefined;
  const parameters = new Map<string, string>();
  for (const [name, value] of raw) parameters.set(name, unquoted(value));
  return { type: type.toLowerCase(), parameters };
}

/** In lower case; undefined without one. */
export function charsetOf(media: MediaType | undefined): string | undefined {
  return media?.parameters.get("charset")?.toLowerCase();
}

/** Whether text in that charset is UTF-8, which is the default. */
export function isUtf8(charset: string | undefined): boolean {
  return charset === undefined || UTF8.test(charset);
}

/** RFC 9110 §5.6.4 */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, "$1");
}
