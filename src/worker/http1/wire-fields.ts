/** Runs per response whose fields are not those of a helper alone. */
import type { FieldVisitor, HttpHeaders } from "../http/fields/http-headers.ts";

/** Fields that it writes itself, or must know of. */
const WATCHED: readonly string[] = [
  "connection",
  "content-length",
  "date",
  "server",
  "transfer-encoding",
  "upgrade",
];

/** By the length of a name: whether it may be one that is watched. */
const IS_WATCHED_LENGTH: readonly boolean[] = Array.from(
  { length: 20 },
  (_, length) => WATCHED.some((name) => name.length === length),
);

const DIGITS = /^\d+$/;
const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;

/**
 * Kept with the fields until they change: helpers share theirs.
 *
 * @throws TypeError for a length that is none, and for Transfer-Encoding: the
 * framing is the server's
 */
export function wireFields(headers: HttpHeaders | undefined): WireFields {
  if (!headers) return NONE;
  headers.memo ??= new WireFields(headers);
  return headers.memo as WireFields;
}

/** A response's fields as they go out, and what the encoder must know. */
export class WireFields implements FieldVisitor {
  /** Whether it has no field but those that just go out. */
  isPlain = true;
  /** Field lines, without those that the encoder writes itself. */
  lines = "";
  hasDate = false;
  hasServer = false;
  /** Whether the handler asked for `Connection: close`. */
  closes = false;
  declaredLength: number | undefined = undefined;
  /** The encoder's: the last head with these fields, or "". */
  head = "";
  /** Of it all that comes before what framing and connection say. */
  opening = "";
  /** What it was made of. */
  headStatusLine = "";
  headDate = "";
  headServer = "";
  headFraming: unknown = undefined;
  headOption: string | undefined = undefined;

  #isUpgrade = false;

  constructor(headers?: HttpHeaders) {
    headers?.accept(this);
    // RFC 9110 §7.8: whoever names protocols says so to the next hop only.
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

  /** Whether the encoder writes it itself. */
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
