/** A source of a directive: keyword, scheme, host, hash or the nonce. */
export type CspSource =
  | "'self'"
  | "'none'"
  | "'unsafe-inline'"
  | "'unsafe-eval'"
  | "'wasm-unsafe-eval'"
  | "'unsafe-hashes'"
  | "'strict-dynamic'"
  | "'report-sample'"
  | typeof CSP_NONCE
  | (string & {});

/** Stands for the nonce of the request in a list of sources: `cspNonce()`. */
export const CSP_NONCE = "'nonce'";

const SOURCE_LISTS = [
  "default-src",
  "script-src",
  "script-src-elem",
  "script-src-attr",
  "style-src",
  "style-src-elem",
  "style-src-attr",
  "img-src",
  "font-src",
  "connect-src",
  "media-src",
  "object-src",
  "frame-src",
  "child-src",
  "worker-src",
  "manifest-src",
  "base-uri",
  "form-action",
] as const;
const TOKEN_LISTS = [
  "sandbox",
  "report-uri",
  "report-to",
  "trusted-types",
  "require-trusted-types-for",
] as const;

/**
 * A policy by directive (https://www.w3.org/TR/CSP3/). `frame-ancestors` is a
 * separate option of `securityHeaders()`.
 */
export type CspDirectives = {
  readonly [Name in (typeof SOURCE_LISTS)[number]]?: readonly CspSource[];
} & {
  readonly [Name in (typeof TOKEN_LISTS)[number]]?: readonly string[];
} & { readonly "upgrade-insecure-requests"?: boolean };

/** A checked policy, ready to write. */
export interface ContentSecurityPolicy {
  readonly value: string;
  /** Whether a directive contains `CSP_NONCE`. */
  readonly usesNonce: boolean;
  valueWith(nonce: string): string;
}

const NAMES: readonly string[] = [
  ...SOURCE_LISTS,
  ...TOKEN_LISTS,
  "upgrade-insecure-requests",
];
const UNQUOTED =
  /^(?:self|none|nonce|unsafe-(?:inline|eval|hashes)|wasm-unsafe-eval|strict-dynamic|report-sample|nonce-.*|sha(?:256|384|512)-.*)$/;
/** Excludes the characters that end a source, a directive or a policy. */
const TOKEN = /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/;

/**
 * @param directives including `frame-ancestors`
 * @throws TypeError that names the invalid directive
 */
export function contentSecurityPolicy(
  directives: CspDirectives & { "frame-ancestors"?: readonly CspSource[] },
): ContentSecurityPolicy {
  const lists = Object.entries(directives)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => [name, checkedList(name, value)] as const);
  const text = (nonce: readonly string[]) =>
    lists.map(([name, list]) => directive(name, list, nonce)).join("; ");
  // Split at the nonce, so each request costs one join.
  const parts = text([CSP_NONCE]).split(CSP_NONCE);
  return {
    value: text([]),
    usesNonce: parts.length > 1,
    valueWith: (nonce) => parts.join(`'nonce-${nonce}'`),
  };
}

function directive(
  name: string,
  list: readonly string[],
  nonce: readonly string[],
): string {
  const sources = list.flatMap((one) => (one === CSP_NONCE ? nonce : one));
  // Without a nonce, a list of the nonce alone allows nothing.
  if (sources.length === 0 && list.length > 0) return `${name} 'none'`;
  return [name, ...sources].join(" ");
}

function checkedList(name: string, value: unknown): readonly string[] {
  if (name !== "frame-ancestors" && !NAMES.includes(name)) {
    throw wrong(name, `it is none; there are ${NAMES.join(", ")}`);
  }
  if (name === "upgrade-insecure-requests") {
    if (value === true) return [];
    throw wrong(name, "it must be true or false");
  }
  if (!Array.isArray(value)) throw wrong(name, "it must be an array of texts");
  const isSandbox = name === "sandbox";
  if (value.length === 0 && !isSandbox) {
    throw wrong(name, `it is empty: write ["'none'"] to allow nothing`);
  }
  for (const one of value) checkSource(name, one);
  if (value.includes("'none'") && value.length > 1) {
    throw wrong(name, "'none' must stand alone");
  }
  return value;
}

function checkSource(name: string, source: unknown): void {
  if (typeof source !== "string" || !TOKEN.test(source)) {
    const text = JSON.stringify(source);
    throw wrong(name, `${text} is no source: no spaces, no "," and no ";"`);
  }
  const isList = !(TOKEN_LISTS as readonly string[]).includes(name);
  if (isList && UNQUOTED.test(source)) {
    throw wrong(name, `"${source}" would be a host: write "'${source}'"`);
  }
}

function wrong(name: string, why: string): TypeError {
  return new TypeError(`the directive "${name}" of securityHeaders(): ${why}`);
}
