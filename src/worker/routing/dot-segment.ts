/** Runs per request with parameters: no regular expression, no `split()`. */

const DOT = 0x2e;
const SLASH = 0x2f;
const PERCENT = 0x25;
const TWO = 0x32;

/**
 * Whether a path has a segment "." or "..", escaped or not.
 *
 * Such a path stands for another one (RFC 3986 §5.2.4), which bypasses checks
 * of a prefix. "%2F" counts as "/" here, although it does not end a segment
 * elsewhere, because a decoded value ("..%2Fetc") contains a slash.
 */
export function hasDotSegment(path: string): boolean {
  if (!path.includes("/.") && !path.includes("%")) return false;
  let length = 0;
  let dots = 0;
  let at = 0;
  while (at < path.length) {
    const escaped = escapedAt(path, at);
    const code = escaped || path.charCodeAt(at);
    at += escaped ? 3 : 1;
    if (code === SLASH) {
      if (isDots(length, dots)) return true;
      length = 0;
      dots = 0;
    } else {
      length++;
      if (code === DOT) dots++;
    }
  }
  return isDots(length, dots);
}

function isDots(length: number, dots: number): boolean {
  return length === dots && (dots === 1 || dots === 2);
}

/** Decodes an escaped dot or slash at `at`; 0 for anything else. */
function escapedAt(path: string, at: number): number {
  if (path.charCodeAt(at) !== PERCENT) return 0;
  if (path.charCodeAt(at + 1) !== TWO) return 0;
  const last = path.charCodeAt(at + 2) | 0x20;
  if (last === 0x65) return DOT;
  return last === 0x66 ? SLASH : 0;
}
