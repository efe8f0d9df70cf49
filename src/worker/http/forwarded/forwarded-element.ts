/** Runs per request that came through a proxy. */
import { trimBlanks } from "../fields/trim-blanks.ts";

/** The element that one proxy added to Forwarded (RFC 7239 §5). */
export interface ForwardedElement {
  readonly for?: string | undefined;
  readonly proto?: string | undefined;
  readonly host?: string | undefined;
}

/** For an element that is invalid or repeats a parameter. */
const EMPTY_ELEMENT: ForwardedElement = {};

// RFC 7239 §4: pairs, with ";" between them.
const PAIR =
  /(?:([\w!#$%&'*+\-.^`|~]+)=(?:([\w!#$%&'*+\-.^`|~]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*(?:;[ \t]*|$)/y;
const QUOTED_PAIR = /\\(.)/g;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/**
 * The elements of the field, last one first. Reading from the end keeps a
 * client from changing what the proxies added, for example with a quote that
 * it never closes.
 */
export function* elementsFromEnd(
  field: string,
): Generator<ForwardedElement, void, void> {
  let end = field.length;
  while (end >= 0) {
    const start = elementStart(field, end);
    yield parsed(trimBlanks(field, start, end));
    end = start - 1;
  }
}

/** The offset after the last comma outside quotes, or 0. */
function elementStart(field: string, end: number): number {
  let isQuoted = false;
  for (let at = end - 1; at >= 0; at--) {
    const code = field.charCodeAt(at);
    if (code === COMMA && !isQuoted) return at + 1;
    if (code !== QUOTE) continue;
    // From the end, the closing quote comes first; escaped ones do not count.
    if (!isQuoted) isQuoted = true;
    else if (!isEscaped(field, at)) isQuoted = false;
  }
  return 0;
}

function isEscaped(field: string, at: number): boolean {
  let start = at;
  while (start > 0 && field.charCodeAt(start - 1) === BACKSLASH) start--;
  return (at - start) % 2 === 1;
}

function parsed(text: string): ForwardedElement {
  const pairs = new Map<string, string>();
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const [all, name, token, quoted = ""] = PAIR.exec(text) ?? [];
    if (all === undefined) return EMPTY_ELEMENT;
    if (name === undefined) continue; // RFC 7239 §4 allows an empty pair
    const key = name.toLowerCase();
    if (pairs.has(key)) return EMPTY_ELEMENT;
    pairs.set(key, token ?? quoted.replace(QUOTED_PAIR, "$1"));
  }
  const [node, proto, host] = ["for", "proto", "host"].map((key) =>
    pairs.get(key),
  );
  return { for: node, proto, host };
}
