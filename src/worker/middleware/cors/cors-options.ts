import { isToken } from "../../http/fields/is-token.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { checkOptions, integer, ofType } from "../check-options.ts";

export type OriginTest = (
  origin: string,
  request: HttpRequest,
) => boolean | Promise<boolean>;

export interface CorsOptions {
  /**
   * Whose pages may read answers: "*" for all, a list as
   * `["https://app.example"]`, or a function. Default: "*".
   */
  readonly origins?: "*" | readonly string[] | OriginTest;
  /**
   * Whether they may do so with the user's cookies and certificates; never
   * with `origins: "*"`. Default: false.
   */
  readonly credentials?: boolean;
  /** Default: GET, HEAD, POST, PUT, PATCH and DELETE. */
  readonly methods?: readonly string[];
  /** Fields that requests may have. Default: all that a page asks for. */
  readonly requestHeaders?: readonly string[];
  /** Fields of answers that pages may read. Default: none but the usual. */
  readonly exposedHeaders?: readonly string[];
  /** How long clients need not ask again. Default: 600. */
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
/** Of Fetch: no page may send them. */
const FORBIDDEN_METHODS: readonly string[] = ["CONNECT", "TRACE", "TRACK"];
// RFC 6454 §6.2, which clients do not write in another way.
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s,]+$/;

/** Whether it is an origin as clients write it; "null" is nobody's. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text);
}

/** @throws TypeError that says what is wrong, and what would be right */
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
  // What follows is of Fetch, "CORS protocol and credentials".
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
    const right = rightOrigin(origin);
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

/** How clients write the origin that is meant. */
function rightOrigin(origin: unknown): string | undefined {
  if (typeof origin !== "string" || !URL.canParse(origin)) return undefined;
  const { origin: right, hostname } = new URL(origin);
  if (hostname.includes("*")) return undefined;
  if (right !== "null") return right;
  // Of a scheme that URL does not know, as that of an extension.
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
