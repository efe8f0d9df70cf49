/** Runs per response, except where all fields are those of a helper. */
import type { FieldVisitor, HttpHeaders } from "../http/fields/http-headers.ts";

/** Fields that the encoder writes itself or depends on. */
const WATCHED: readonly string[] = [
  "connection",
  "content-length",
  "date",
  "server",
  "transfer-encoding",
  "upgrade",
];

/** By the length of a name, whether it may be watched. */
const IS_WATCHED_LENGTH: readonly boolean[] = Array.from(
  { length: 20 },
  (_, length) => WATCHED.some((name) => name.length === length),
);

const DIGITS = /^\d+$/;
const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;

/**
 * Cached with the fields until they change: responses of a helper share them.
 *
 * @throws TypeError for an invalid Content-Length, and for Transfer-Encoding,
 * because the server does the framing
 */
export function wireFields(headers: HttpHeaders | undefined): WireFields {
  if (!headers) return NONE;
  headers.memo ??= new WireFields(headers);
  return headers.memo as WireFields;
}

/** Encoded fields of a response, and properties of them for the encoder. */
export class WireFields implements FieldVisitor {
  /** Whether no field is watched. */
  isPlain = true;
  /** Field lines, except those that the encoder writes itself. */
  lines = "";
  hasDate = false;
  hasServer = false;
  /** Whether the fields have `Connection: close`. */
  closes = false;
  declaredLength: number | undefined = undefined;
  // --- cache of the encoder
  /** The last head with these fields, or "". */
  head = "";
  /** The head without the fields of framing and connection. */
  opening = "";
  // --- the parts of that head
  headStatusLine = "";
  headDate = "";
  headServer = "";
  headFraming: unknown = undefined;
  headOption: string | undefined = undefined;

  #isUpgrade = false;

  constructor(headers?: HttpHeaders) {
    headers?.accept(this);
    // RFC 9110 §7.8: Upgrade is for one hop and must be a connection option.
    if (this.#isUpgrade) this.lines += "Connection: Upgrade\r\n";
  }

  onFrozen(fields: HttpHeaders): void {
    const { isPlain, lines } = wireFields(fields);
    if (isPlain) this.lines += lines;
    else fields.accept(this);
  }

  onLine(name: string, value: string): void {
    if (IS_WATCHED_LENGTH[name.length]) {
      const lowerCase = name.toLowerCase();
      const isWatched = WATCHED.includes(lowerCase);
      if (isWatched && this.#isOwn(lowerCase, value)) return;
    }
    this.lines += `${name}: ${value}\r\n`;
  }

  /** Whether the encoder writes the field itself. */
  #isOwn(name: string, value: string): boolean {
    this.isPlain = false;
    switch (name) {
      case "connection":
        this.closes ||= CLOSE.test(value);
        return true;
      case "content-length":
        this.#declare(value);
        return true;
      case "transfer-encoding":
        throw new TypeError("Transfer-Encoding is set by the server alone");
      case "date":
        this.hasDate = true;
        return false;
      case "server":
        this.hasServer = true;
        return false;
      default:
        this.#isUpgrade = true;
        return false;
    }
  }

  #declare(text: string): void {
    const length = DIGITS.test(text) ? Number(text) : Number.NaN;
    const isOnly = this.declaredLength === undefined;
    if (!isOnly || !Number.isSafeInteger(length)) {
      throw new TypeError(`a response's Content-Length is no number: ${text}`);
    }
    this.declaredLength = length;
  }
}

const NONE = new WireFields();
