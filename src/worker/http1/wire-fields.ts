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

/** By the length of a name: whether it may mean something to the encoder. */
const SPECIAL_LENGTHS: readonly (boolean | undefined)[] = [
  "connection",
  "content-length",
  "transfer-encoding",
  "date",
  "server",
  "upgrade",
].reduce<boolean[]>((lengths, name) => {
  lengths[name.length] = true;
  return lengths;
}, []);

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

/** One pass, and names are looked at where their length could be that of one. */
function toWire(headers: HttpHeaders): WireFields {
  let lines = "";
  let hasDate = false;
  let hasServer = false;
  let closes = false;
  let isUpgrade = false;
  let length: string | undefined;
  headers.forEachLine((name, value) => {
    switch (SPECIAL_LENGTHS[name.length] && name.toLowerCase()) {
      case "connection":
        closes ||= CLOSE.test(value);
        return; // written by the encoder
      case "content-length":
        length = length === undefined ? value : `${length}, ${value}`;
        return;
      case "transfer-encoding":
        throw new TypeError("Transfer-Encoding is set by the server alone");
      case "date":
        hasDate = true;
        break;
      case "server":
        hasServer = true;
        break;
      case "upgrade":
        isUpgrade = true;
    }
    lines += `${name}: ${value}\r\n`;
  });
  // RFC 9110 §7.8: whoever names protocols says so to the next hop only.
  if (isUpgrade) lines += "Connection: Upgrade\r\n";
  return {
    lines,
    hasDate,
    hasServer,
    closes,
    declaredLength: declaredLength(length),
    ...NO_OPENING,
  };
}

function declaredLength(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const length = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new TypeError(`a response's Content-Length is no number: ${text}`);
}
