/** Character classes as tables, one look-up per byte, and loops over them. */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const QUOTE = 0x22;
export const DIGIT_0 = 0x30;
export const DIGIT_1 = 0x31;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;

function tableOf(isMember: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => +isMember(byte));
}

const isVisible = (byte: number) => byte > 0x20 && byte < 0x7f;

/** tchar, RFC 9110 §5.6.2. */
export const IS_TOKEN = tableOf((byte) => {
  return isVisible(byte) && !'"(),/:;<=>?@[\\]{}'.includes(toText(byte));
});

/** field-content with OWS, RFC 9110 §5.5: obs-text is opaque. */
export const IS_FIELD_VALUE = tableOf((byte) => {
  return byte === HTAB || (byte >= 0x20 && byte !== 0x7f);
});

/**
 * Bytes of a request target. RFC 3986 allows fewer, but clients send a raw "|"
 * or "{" in queries; "#" and the backslash are refused because some servers
 * read them as the end of the path and as "/".
 */
export const IS_TARGET = tableOf((byte) => {
  return isVisible(byte) && !"#\\".includes(toText(byte));
});

/** reg-name of RFC 3986 §3.2.2 without "%" and comma. */
export const IS_USUAL_HOST = tableOf((byte) => {
  return /[A-Za-z0-9\-._~!$&'()*+;=]/.test(toText(byte));
});

/**
 * The offset of the first byte from `at` to `end` that is not in the table.
 * Most of the time of parsing is spent here: the loop is faster in a function
 * of its own, and by a third when unrolled.
 */
export function endOfRun(
  bytes: Uint8Array,
  at: number,
  end: number,
  table: Uint8Array,
): number {
  let next = at;
  for (; next + 8 <= end; next += 8) {
    if (table[bytes[next] as number] === 0) return next;
    if (table[bytes[next + 1] as number] === 0) return next + 1;
    if (table[bytes[next + 2] as number] === 0) return next + 2;
    if (table[bytes[next + 3] as number] === 0) return next + 3;
    if (table[bytes[next + 4] as number] === 0) return next + 4;
    if (table[bytes[next + 5] as number] === 0) return next + 5;
    if (table[bytes[next + 6] as number] === 0) return next + 6;
    if (table[bytes[next + 7] as number] === 0) return next + 7;
  }
  while (next < end && table[bytes[next] as number] === 1) next++;
  return next;
}

/**
 * `endOfRun` for field values, which are most of a head: the usual bytes, 0x20
 * to 0x7e, are compared instead of looked up.
 */
export function endOfValue(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  for (; next + 8 <= end; next += 8) {
    if (isUnusual(bytes[next] as number)) break;
    if (isUnusual(bytes[next + 1] as number)) break;
    if (isUnusual(bytes[next + 2] as number)) break;
    if (isUnusual(bytes[next + 3] as number)) break;
    if (isUnusual(bytes[next + 4] as number)) break;
    if (isUnusual(bytes[next + 5] as number)) break;
    if (isUnusual(bytes[next + 6] as number)) break;
    if (isUnusual(bytes[next + 7] as number)) break;
  }
  return endOfRun(bytes, next, end, IS_FIELD_VALUE);
}

/** Ignores bit 7, so 0x80 to 0x9f and 0xff are unusual as well. */
function isUnusual(byte: number): boolean {
  return ((byte + 1) & 0x7f) < 0x21;
}

/** The value of a hexadecimal digit, or 255. */
export const HEX_VALUE = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = "0123456789abcdef".indexOf(toText(byte).toLowerCase());
  return value < 0 ? 255 : value;
});

function toText(byte: number): string {
  return String.fromCharCode(byte);
}
