/** Runs per request that came through a proxy. */
import { trimmed } from "../trimmed.ts";

/** What one proxy has added to Forwarded (RFC 7239 §5). */
export interface ForwardedElement {
  readonly for?: string | undefined;
  readonly proto?: string | undefined;
  readonly host?: string | undefined;
}

/** Of what is not valid, or says something twice, nothing is known. */
const NOTHING: ForwardedElement = {};

// RFC 7239 §4: pairs, with ";" between them.
const PAIR =
  /(?:([\w!#$%&'*+\-.^`|~]+)=(?:([\w!#$%&'*+\-.^`|~]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*(?:;[ \t]*|$)/y;
const QUOTED_PAIR = /\\(.)/g;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/**
 * The elements of the field, the last one first. It is read from its end: what
 * a client has put before them, as a quote that it never closes, does not
 * change what the proxies have added.
 */
export function* elementsFromEnd(
  field: string,
): Generator<ForwardedElement, void, void> {
  let end = field.length;
  while (end >= 0) {
    const start = elementStart(field, end);
    yield parsed(trimmed(field, start, end));
    end = start - 1;
  }
}

/** Behind the comma before it that is not in quotes, or at the very start. */
function elementStart(field: string, end: number): number {
  let isQuoted = false;
  for (let at = end - 1; at >= 0; at--) {
    const code = field.charCodeAt(at);
    if (code === COMMA && !isQuoted) return at + 1;
    if (code !== QUOTE) continue;
    // One that closes is met first. One between them has been escaped.
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
    if (all === undefined) return NOTHING;
    if (name === undefined) continue; // RFC 7239 §4: a pair may be left out
    const key = name.toLowerCase();
    if (pairs.has(key)) return NOTHING;
    pairs.set(key, token ?? quoted.replace(QUOTED_PAIR, "$1"));
  }
  const [node, proto, host] = ["for", "proto", "host"].map((key) =>
    pairs.get(key),
  );
  return { for: node, proto, host };
}
