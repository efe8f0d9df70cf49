import { readParameters } from "./read-parameters.ts";

/** What a Content-Type says: `text/html; charset="utf-8"`. */
export interface MediaType {
  /** In lower case: "text/html". */
  readonly type: string;
  /** Names in lower case, values as they are meant, without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TYPE =
  /^[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)/;

/** ASCII is UTF-8 too. */
const UTF8 = /^(?:utf-?8|us-ascii)$/;

/** RFC 9110 §8.3.1; undefined where it is not one. */
export function parseMediaType(text: string): MediaType | undefined {
  const [found, type] = TYPE.exec(text) ?? [];
  if (found === undefined || type === undefined) return undefined;
  const raw = readParameters(text, found.length);
  if (!raw) return undefined;
  const parameters = new Map<string, string>();
  for (const [name, value] of raw) parameters.set(name, unquoted(value));
  return { type: type.toLowerCase(), parameters };
}

/** In lower case; undefined where nothing is said. */
export function charsetOf(media: MediaType | undefined): string | undefined {
  return media?.parameters.get("charset")?.toLowerCase();
}

/** Whether a text in that charset, or in none that is said, is UTF-8. */
export function isUtf8(charset: string | undefined): boolean {
  return charset === undefined || UTF8.test(charset);
}

/** RFC 9110 §5.6.4 */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, "$1");
}
