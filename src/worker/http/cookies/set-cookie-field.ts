/** Runs per cookie that is set. */
import { isToken } from "../fields/is-token.ts";

/** Attributes of a cookie (RFC 6265 §4.1.2 and 6265bis). */
export interface CookieOptions {
  /** Lifetime; 0 deletes the cookie. Default: until the client is closed. */
  readonly maxAgeSeconds?: number | undefined;
  /** Time of expiry; `maxAgeSeconds` takes precedence. */
  readonly expires?: Date | undefined;
  /** Path prefix of the requests that carry it. Default: "/". */
  readonly path?: string | undefined;
  /** Send it to this domain and its subdomains. Default: this host only. */
  readonly domain?: string | undefined;
  /**
   * Send it only over TLS, or to localhost. Default: true, even on a connection
   * without TLS, because a proxy in front may terminate it.
   */
  readonly secure?: boolean | undefined;
  /** Hide it from scripts. Default: true. */
  readonly httpOnly?: boolean | undefined;
  /** Whether requests from other sites carry it. Default: "lax". */
  readonly sameSite?: "strict" | "lax" | "none" | undefined;
  /** Store it separately per embedding site. Default: false. */
  readonly partitioned?: boolean | undefined;
  /** Order in which Chrome evicts cookies. Default: not sent. */
  readonly priority?: "low" | "medium" | "high" | undefined;
}

type Attributes = { -readonly [Name in keyof CookieOptions]: unknown };
type Writer = (value: unknown, name: string) => string;

const DEFAULTS: CookieOptions = {
  path: "/",
  secure: true,
  httpOnly: true,
  sameSite: "lax",
};
/** 6265bis §5.6: clients ignore cookies whose name and value are longer. */
const MAX_BYTES = 4096;
// cookie-octet of RFC 6265 §4.1.1 without "%", which begins an escape.
const PLAIN = /^[\x21\x23-\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const DOMAIN = /^(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;
const EARLIEST_MS = Date.UTC(1601, 0, 1);
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** In the order in which they are written. */
const WRITERS: { readonly [Name in keyof Required<CookieOptions>]: Writer } = {
  maxAgeSeconds: (value, name) => {
    if (Number.isSafeInteger(value) && Number(value) >= 0) {
      return `; Max-Age=${value}`;
    }
    throw invalid(name, "a whole number of seconds, 0 or more", value);
  },
  expires: (value, name) => {
    const time = value instanceof Date ? value.getTime() : Number.NaN;
    if (time >= EARLIEST_MS && time <= LATEST_MS) {
      return `; Expires=${(value as Date).toUTCString()}`;
    }
    throw invalid(name, "a Date from the year 1601 to 9999", value);
  },
  domain: (value, name) => {
    if (typeof value === "string" && DOMAIN.test(value)) {
      return `; Domain=${value}`;
    }
    throw invalid(name, 'the name of a host, as "example.com"', value);
  },
  path: (value, name) => {
    if (typeof value === "string" && PATH.test(value)) return `; Path=${value}`;
    throw invalid(name, 'ASCII that begins with "/", without ";"', value);
  },
  secure: flag("; Secure"),
  httpOnly: flag("; HttpOnly"),
  sameSite: word("; SameSite=", ["strict", "lax", "none"]),
  partitioned: flag("; Partitioned"),
  priority: word("; Priority=", ["low", "medium", "high"]),
};

const WRITER_LIST = Object.entries(WRITERS);

/**
 * A field value for Set-Cookie. The cookie's value may be any text: characters
 * other than cookie-octets are percent-encoded (RFC 6265 §4.1.1).
 *
 * @throws TypeError for a name that is not a token, a value with an unpaired
 * surrogate, an unknown or invalid attribute, and cookies that clients refuse
 */
export function setCookieField(
  name: string,
  value: string,
  options: CookieOptions = {},
): string {
  if (!isToken(name)) {
    throw new TypeError(
      `the cookie name ${JSON.stringify(name)} is not a token ` +
        "(RFC 6265 §4.1.1)",
    );
  }
  const attributes = attributesOf(name, options);
  let field = `${name}=${encoded(name, value)}`;
  if (field.length - 1 > MAX_BYTES) {
    throw new TypeError(
      `the cookie "${name}" is too long: with its name it has ` +
        `${field.length - 1} bytes, and clients keep ${MAX_BYTES} at most`,
    );
  }
  for (const [option, write] of WRITER_LIST) {
    const given = attributes[option as keyof CookieOptions];
    if (given !== undefined) field += write(given, `${option} of "${name}"`);
  }
  return field;
}

/** The given attributes and the defaults, validated together. */
function attributesOf(name: string, options: CookieOptions): Attributes {
  const attributes: Attributes = { ...DEFAULTS };
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(WRITERS, option)) {
      throw new TypeError(
        `the cookie "${name}" has no option "${option}"; the options are ` +
          Object.keys(WRITERS).join(", "),
      );
    }
    if (value !== undefined) attributes[option as keyof CookieOptions] = value;
  }
  checkTogether(name, attributes);
  return attributes;
}

/** Rejects combinations that clients refuse: 6265bis §4.1.3, §5.6. */
function checkTogether(name: string, attributes: Attributes): void {
  const { secure, sameSite, partitioned, path, domain } = attributes;
  const prefix = /^__(?:host|secure)-/i.exec(name)?.[0].toLowerCase();
  const need = (what: string, why: string) =>
    new TypeError(`the cookie "${name}" must have ${what}, as ${why}`);
  if (secure !== true) {
    if (prefix) throw need("secure: true", "its name begins so");
    if (sameSite === "none") throw need("secure: true", "sameSite is none");
    if (partitioned) throw need("secure: true", "it is partitioned");
  }
  if (prefix !== "__host-") return;
  if (path !== "/") throw need('path: "/"', "its name begins with __Host-");
  if (domain !== undefined) {
    throw need("no domain", "its name begins with __Host-");
  }
}

function encoded(name: string, value: string): string {
  if (typeof value !== "string") {
    throw invalid(`the value of "${name}"`, "a text", value);
  }
  if (PLAIN.test(value)) return value;
  try {
    return value.replace(/[^\x21-\x7e]+|[",;\\%]/g, encodeURIComponent);
  } catch (cause) {
    const message = `the value of the cookie "${name}" is no Unicode text`;
    throw new TypeError(message, { cause });
  }
}

function flag(text: string): Writer {
  return (value, name) => {
    if (typeof value !== "boolean") throw invalid(name, "true or false", value);
    return value ? text : "";
  };
}

function word(text: string, words: readonly string[]): Writer {
  return (value, name) => {
    if (words.includes(value as string)) {
      const one = value as string;
      return `${text}${one.charAt(0).toUpperCase()}${one.slice(1)}`;
    }
    const list = words.map((one) => `"${one}"`).join(" or ");
    throw invalid(name, list, value);
  };
}

function invalid(what: string, valid: string, value: unknown): TypeError {
  const shown = typeof value === "string" ? JSON.stringify(value) : value;
  return new TypeError(`cookie: ${what} must be ${valid}, not ${shown}`);
}
