import type { HttpHeaders } from "../http/headers.ts";

/** A response's fields as they go out, and what the encoder must know. */
export interface WireFields {
  /** Field lines, without those that the encoder writes itself. */
  readonly lines: string;
  readonly hasDate: boolean;
  readonly hasServer: boolean;
  /** Whether the handler asked for `Connection: close`. */
  readonly closes: boolean;
  readonly declaredLength: number | undefined;
  /** The encoder's: the beginning of the last head with these fields. */
  opening: string;
  /** What the opening was made with. */
  openingStatusLine: string;
  openingDate: string;
  openingServer: string;
}

const NO_OPENING = {
  opening: "",
  openingStatusLine: "",
  openingDate: "",
  openingServer: "",
};

const NONE: WireFields = {
  lines: "",
  hasDate: false,
  hasServer: false,
  closes: false,
  declaredLength: undefined,
  ...NO_OPENING,
};

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
  headers.memo ??= toWire(headers);
  return headers.memo as WireFields;
}

function toWire(headers: HttpHeaders): WireFields {
  let lines = "";
  headers.forEachLine((name, value) => {
    if (!isWrittenByEncoder(name)) lines += `${name}: ${value}\r\n`;
  });
  // RFC 9110 §7.8: whoever names protocols says so to the next hop only.
  if (headers.has("upgrade")) lines += "Connection: Upgrade\r\n";
  if (headers.has("transfer-encoding")) {
    throw new TypeError("Transfer-Encoding is set by the server alone");
  }
  return {
    lines,
    hasDate: headers.has("date"),
    hasServer: headers.has("server"),
    closes: CLOSE.test(headers.get("connection") ?? ""),
    declaredLength: declaredLength(headers.get("content-length")),
    ...NO_OPENING,
  };
}

function isWrittenByEncoder(name: string): boolean {
  const lowerCase = name.toLowerCase();
  return lowerCase === "connection" || lowerCase === "content-length";
}

function declaredLength(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const length = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new TypeError(`a response's Content-Length is no number: ${text}`);
}
