import {
  type ReferenceFields,
  readFields,
  withoutBlanks,
} from "./reference-fields.ts";
import {
  exactly,
  IP_FUTURE,
  IPV6_ADDRESS,
  ReadingEnd,
  refuseWhere,
  TARGET_CHAR,
  TCHAR,
} from "./reference-grammar.ts";
import type { ReferenceLimits } from "./reference-reader.ts";

export interface ReferenceHead {
  readonly method: string;
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly fields: ReferenceFields;
  /** Length of the body in bytes, or "chunked". */
  readonly framing: number | "chunked";
  /** Protocols in Upgrade, in lower case. */
  readonly upgrades: readonly string[];
  /** Whether no request may follow on the connection. */
  readonly closes: boolean;
}

const MAX_EMPTY_LINES = 4;
const MAX_METHOD_BYTES = 32;

const METHOD = `${TCHAR}{1,${MAX_METHOD_BYTES}}`;
const TARGET = `${TARGET_CHAR}+`;
const REQUEST_LINE = exactly(`(${METHOD}) (${TARGET}) HTTP/(\\d)\\.(\\d)`);
// The version is checked when the line is complete.
const REQUEST_LINE_BEGUN = exactly(
  `${TCHAR}*|${METHOD} ${TARGET_CHAR}*|`,
  `${METHOD} ${TARGET} [^ \\t\\r\\n]{0,8}|`,
  `${METHOD} ${TARGET} HTTP/1\\.\\d\\r`,
);
const LONG_METHOD = new RegExp(`^${TCHAR}{${MAX_METHOD_BYTES + 1},} `);
const OTHER_MAJOR = new RegExp(`^${METHOD} ${TARGET} HTTP/[02-9]\\.\\d(\\r|$)`);

const AUTHORITY = exactly(
  `(?:\\[(?:${IPV6_ADDRESS}|${IP_FUTURE})\\]|`,
  "(?:[\\w.~!$&'()*+;=-]|%[\\da-fA-F]{2})+)",
  "(?::(\\d*))?",
);

/**
 * Reads the head at the start of `text`, RFC 9112 §2 to §6, as strictly as the
 * server's documentation states.
 */
export function readHead(
  text: string,
  limits: ReferenceLimits,
): { readonly head: ReferenceHead; readonly rest: string } {
  const begun = withoutEmptyLines(text);
  const line = requestLine(begun, limits.maxRequestLineBytes);
  const lineBytes = line.length + 2;
  const { fields, rest } = readFields(begun.slice(lineBytes), {
    maxBytes: limits.maxHeadBytes - lineBytes,
    maxFields: limits.maxFields,
  });
  const [, method = "", sent = "", , minor] = REQUEST_LINE.exec(line) ?? [];
  const version = minor === "0" ? "1.0" : "1.1";
  const { target, authority } = resolved(method, sent);
  const hosts = valuesOf(fields, "host");
  const framing = framingOf(fields, version);
  refuseWhere({
    400:
      target === undefined ||
      !hosts.every(isAuthority) ||
      !(authority === undefined || isAuthority(authority)) ||
      hosts.length > 1 ||
      (version === "1.1" && hosts.length === 0) ||
      framing === "invalid",
    405: method === "CONNECT",
    // RFC 9110 §7.4: every request is read as received without TLS.
    421: /^https:/i.test(sent),
    413: typeof framing === "number" && framing > limits.maxBodyBytes,
    417: version === "1.1" && !isKnownExpectation(fields),
    501: method === "CONNECT" || framing === "unknown",
  });
  const head = {
    method,
    target: target as string,
    version,
    fields: authority === undefined ? fields : withHost(fields, authority),
    framing: framing as number | "chunked",
    upgrades: framing === 0 ? upgradesOf(fields, version) : [],
    closes: closes(fields, version),
  } as const;
  return { head, rest };
}

/** §2.2 */
function withoutEmptyLines(text: string): string {
  const [emptyLines = ""] = /^(?:\r\n)*\r?/.exec(text) ?? [];
  const isTooMuch = emptyLines.length > MAX_EMPTY_LINES * "\r\n".length;
  refuseWhere({ 400: isTooMuch });
  const begun = text.replace(/^(?:\r\n)*/, "");
  if (begun === "" || begun === "\r") throw new ReadingEnd([]);
  return begun;
}

/** §3 */
function requestLine(text: string, maxBytes: number): string {
  const end = text.indexOf("\r\n");
  const line = end < 0 ? text : text.slice(0, end);
  const isTooLong = end < 0 ? line.length >= maxBytes : end + 2 > maxBytes;
  const isAllMethod = exactly(`${TCHAR}*`).test(line.slice(0, maxBytes));
  const grammar = end < 0 ? REQUEST_LINE_BEGUN : REQUEST_LINE;
  refuseWhere({
    400: !grammar.test(line) || (isTooLong && isAllMethod),
    414: isTooLong && !isAllMethod,
    501: LONG_METHOD.test(line),
    505: OTHER_MAJOR.test(line) && (end >= 0 || line.endsWith("\r")),
  });
  if (end < 0) throw new ReadingEnd([]);
  return line;
}

/** §3.2; an invalid target results in an empty object. */
function resolved(
  method: string,
  sent: string,
): { readonly target?: string; readonly authority?: string } {
  if (method === "CONNECT" || sent.startsWith("/")) return { target: sent };
  if (sent === "*" && method === "OPTIONS") return { target: "*" };
  const [, authority, path = ""] =
    /^https?:\/\/([^/?]*)(.*)$/i.exec(sent) ?? [];
  if (authority === undefined) return {};
  if (path === "" && method === "OPTIONS") return { target: "*", authority };
  return { target: path.startsWith("/") ? path : `/${path}`, authority };
}

/** RFC 9110 §7.2: one host, so no comma. */
function isAuthority(text: string): boolean {
  const [found, port = ""] = AUTHORITY.exec(text) ?? [];
  return found !== undefined && Number(port) < 65_536;
}

/** §3.2.2: the target's authority replaces Host. */
function withHost(fields: ReferenceFields, authority: string): ReferenceFields {
  const others = fields.filter(([name]) => name !== "host");
  return [...others, ["host", authority]];
}

/** §6.3 */
function framingOf(
  fields: ReferenceFields,
  version: "1.0" | "1.1",
): number | "chunked" | "unknown" | "invalid" {
  const lengths = valuesOf(fields, "content-length");
  if (valuesOf(fields, "transfer-encoding").length > 0) {
    const listed = listOf(fields, "transfer-encoding");
    const codings = listed.filter((coding) => coding !== "");
    if (codings.length === 0) return "invalid";
    if (version === "1.0" || lengths.length > 0) return "invalid";
    if (!codings.every((coding) => exactly(`${TCHAR}+`).test(coding))) {
      return "invalid";
    }
    if (codings.indexOf("chunked") !== codings.length - 1) return "invalid";
    return codings.length === 1 ? "chunked" : "unknown";
  }
  const [length = "0"] = lengths;
  const isNumber = /^\d+$/.test(length) && Number(length) < 2 ** 53;
  return lengths.length < 2 && isNumber ? Number(length) : "invalid";
}

/** RFC 9110 §10.1.1 */
function isKnownExpectation(fields: ReferenceFields): boolean {
  const expectations = listOf(fields, "expect");
  return expectations.every((one) => one === "" || one === "100-continue");
}

/** §9.3, §9.6 */
function closes(fields: ReferenceFields, version: "1.0" | "1.1"): boolean {
  const options = listOf(fields, "connection");
  if (options.includes("close")) return true;
  return version === "1.0" && !options.includes("keep-alive");
}

/** RFC 9110 §7.8 */
function upgradesOf(fields: ReferenceFields, version: "1.0" | "1.1"): string[] {
  const isAsked = listOf(fields, "connection").includes("upgrade");
  if (version === "1.0" || !isAsked) return [];
  return listOf(fields, "upgrade").filter((protocol) => protocol !== "");
}

function valuesOf(fields: ReferenceFields, wanted: string): string[] {
  return fields.filter(([name]) => name === wanted).map(([, value]) => value);
}

/** RFC 9110 §5.6.1: the items of all lines, in lower case. */
function listOf(fields: ReferenceFields, wanted: string): string[] {
  const items = valuesOf(fields, wanted).flatMap((value) => value.split(","));
  return items.map((item) => withoutBlanks(item).toLowerCase());
}
