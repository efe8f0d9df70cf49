import {
  checkOptions,
  integer,
  ofType,
} from "../../../shared/check-options.ts";
import { isToken } from "../../http/fields/is-token.ts";
import type { HttpRequest } from "../../http/http-request.ts";

export type OriginTest = (
  origin: string,
  request: HttpRequest,
) => boolean | Promise<boolean>;

export interface CorsOptions {
  /**
   * Origins whose pages may read responses: "*" for all, a list such as
   * `["https://app.example"]`, or a function. Default: "*".
   */
  readonly origins?: "*" | readonly string[] | OriginTest;
  /**
   * Whether requests may carry the user's cookies and certificates. Not
   * allowed with `origins: "*"`. Default: false.
   */
  readonly credentials?: boolean;
  /** Default: GET, HEAD, POST, PUT, PATCH and DELETE. */
  readonly methods?: readonly string[];
  /** Allowed request fields. Default: all that a preflight asks for. */
  readonly requestHeaders?: readonly string[];
  /** Response fields that pages may read. Default: the safelisted ones. */
  readonly exposedHeaders?: readonly string[];
  /** How long clients cache a preflight. Default: 600. */
  readonly maxAgeSeconds?: number;
}

const USUAL_METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];
/** Forbidden methods of Fetch. */
const FORBIDDEN_METHODS: readonly string[] = ["CONNECT", "TRACE", "TRACK"];
// RFC 6454 §6.2
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s,]+$/;

/** Whether the text is a serialized origin other than "null". */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text);
}

/** @throws TypeError for unknown, invalid or unsafe options */
export function checkCorsOptions(options: CorsOptions): void {
  checkOptions("cors()", options, {
    origins: {
      isValid: (value) =>
        value === "*" || typeof value === "function" || Array.isArray(value),
      valid: '"*", a list of origins or a function',
    },
    credentials: ofType("boolean"),
    methods: listOf("methods in capitals", isMethod),
    requestHeaders: listOf("names of fields", isToken),
    exposedHeaders: listOf("names of fields", isToken),
    maxAgeSeconds: integer(0, Number.MAX_SAFE_INTEGER),
  });
  const { origins = "*", credentials = false } = options;
  if (Array.isArray(origins)) checkOrigins(origins);
  // Fetch, "CORS protocol and credentials".
  if (!credentials) return;
  if (origins === "*") {
    throw new TypeError(
      'cors() with credentials needs a list of origins: with "*" every page ' +
        "could read what only the user may",
    );
  }
  const { methods, requestHeaders, exposedHeaders } = options;
  for (const [name, list] of Object.entries({
    methods,
    requestHeaders,
    exposedHeaders,
  })) {
    if (!list?.includes("*")) continue;
    throw new TypeError(
      `cors() with credentials: "*" in ${name} would be one name, not all: ` +
        "list them",
    );
  }
}

function checkOrigins(origins: readonly unknown[]): void {
  if (origins.length === 0) {
    throw new TypeError("option origins of cors() is an empty list");
  }
  for (const origin of origins) {
    const right = normalizedOrigin(origin);
    if (right === origin) continue;
    const shown = origin instanceof RegExp ? origin : JSON.stringify(origin);
    throw new TypeError(
      `option origins of cors() has ${shown}, which is no origin` +
        (right === undefined ? ADVICE : `: write "${right}"`),
    );
  }
}

const ADVICE =
  ': "*" stands alone, "null" is what any page can be, and for a form of ' +
  "origins there is a function";

/** Normalizes an origin; undefined if it cannot be one. */
function normalizedOrigin(origin: unknown): string | undefined {
  if (typeof origin !== "string" || !URL.canParse(origin)) return undefined;
  const { origin: right, hostname } = new URL(origin);
  if (hostname.includes("*")) return undefined;
  if (right !== "null") return right;
  // URL does not know all schemes, such as those of browser extensions.
  return isOrigin(origin) ? origin : undefined;
}

function isMethod(value: unknown): boolean {
  if (!isToken(value)) return false;
  const capitals = value.toUpperCase();
  if (FORBIDDEN_METHODS.includes(capitals)) return false;
  return value === capitals || !USUAL_METHODS.includes(capitals);
}

function listOf(what: string, isOne: (value: unknown) => boolean) {
  const isValid = (value: unknown) =>
    Array.isArray(value) && value.every(isOne);
  return { isValid, valid: `a list of ${what}` };
}
