import type { RuleEntries } from "./rule-entry.ts";

/** What begins a request. */
export const requestLineRules = {
  "request-line/well-formed": {
    input: "Method, target and version, one space between them, CRLF",
    answer: "goes to the app as it was sent",
    clauses: ["§3"],
  },
  "request-line/incomplete": {
    input: "The beginning of a request, cut anywhere",
    answer: "no error: the rest is waited for, up to `headTimeoutMs`",
    clauses: ["§2.2"],
  },
  "request-line/empty-lines": {
    input: "Up to 4 empty lines (CRLF) before a request",
    answer: "skipped, and in no limit",
    clauses: ["§2.2"],
  },
  "request-line/too-many-empty-lines": {
    input: "More than 4 empty lines before a request",
    answer: { status: 400, reasons: ["request_line"] },
    clauses: ["§2.2"],
  },
  "request-line/line-end": {
    input: "A bare LF or CR in the request line, or before it",
    answer: { status: 400, reasons: ["request_line", "method", "version"] },
    clauses: ["§2.2", "CVE-2022-32214", "CVE-2023-30589"],
  },
  "request-line/not-http": {
    input: "What is not HTTP: garbage, a TLS hello, JSON, a response",
    answer: { status: 400, reasons: ["method"] },
    clauses: ["§3"],
  },
  "request-line/proxy-header": {
    input:
      "A header of the PROXY protocol on a listener that is not told of it",
    answer: { status: 400, reasons: ["version", "request_line", "method"] },
    clauses: ["§3"],
  },
  "request-line/http2-preface": {
    input: "The preface of HTTP/2",
    answer: { status: 505, reasons: ["version"] },
    clauses: ["RFC 9110 §15.6.6", "RFC 9113 §3.4"],
  },
  "request-line/blanks": {
    input: "Two spaces, a TAB, a space at the beginning or the end",
    answer: {
      status: 400,
      reasons: ["request_line", "method", "target", "version"],
    },
    clauses: ["§3"],
  },
  "request-line/missing-part": {
    input: "No target, no version (HTTP/0.9), or a word too many",
    answer: { status: 400, reasons: ["request_line", "method", "version"] },
    clauses: ["§3"],
  },
  "request-line/method-syntax": {
    input: "A method that is not a token",
    answer: { status: 400, reasons: ["method"] },
    clauses: ["§3.1", "RFC 9110 §5.6.2"],
  },
  "request-line/method-case": {
    input: "Any token of up to 32 bytes as a method, in any case",
    answer: "goes to the app as it was sent: `get` is not `GET`",
    clauses: ["§3.1", "RFC 9110 §9.1"],
  },
  "request-line/unknown-method": {
    input: "A method that no route has and that is not a usual one",
    answer: "501; the connection goes on",
    clauses: ["RFC 9110 §9.1", "RFC 9110 §15.6.2"],
  },
  "request-line/overlong-method": {
    input: "A method of more than 32 bytes with a space behind it",
    answer: { status: 501, reasons: ["method"] },
    clauses: ["§3"],
  },
  "request-line/endless-method": {
    input: "A method that fills `maxRequestLineBytes`",
    answer: { status: 400, reasons: ["method"] },
    clauses: ["§3"],
  },
  "request-line/origin-form": {
    input: "A path with a query",
    answer: "goes to the app as it was sent, nothing decoded or resolved",
    clauses: ["§3.2.1"],
  },
  "request-line/target-characters": {
    input:
      "A space, control character, NUL, 8-bit byte, `#` or backslash in the " +
      "target",
    answer: { status: 400, reasons: ["target", "version", "request_line"] },
    clauses: ["§3.2", "RFC 9110 §4.2.5"],
  },
  "request-line/relative-form": {
    input: "A target that is neither a path nor a URI of http or https",
    answer: { status: 400, reasons: ["target"] },
    clauses: ["§3.2"],
  },
  "request-line/absolute-form": {
    input: "A whole URI as the target",
    answer:
      "its path is the target, and its authority replaces `Host`; both are " +
      "there as they were sent, too. `http:` over TLS is taken",
    clauses: ["§3.2.2", "RFC 9110 §7.4"],
  },
  "request-line/misdirected": {
    input: "A URI of https without TLS, unless a trusted proxy sends it",
    answer: { status: 421, reasons: ["target"] },
    clauses: ["RFC 9110 §7.4", "RFC 9110 §15.5.20"],
  },
  "request-line/absolute-form-authority": {
    input: "A URI with an empty or invalid host, userinfo or a bad port",
    answer: { status: 400, reasons: ["host"] },
    clauses: ["§3.2.2", "RFC 9110 §4.2.1", "RFC 9110 §4.2.4"],
  },
  "request-line/absolute-form-host": {
    input: "A URI with a `Host` that is missing, invalid or there twice",
    answer: { status: 400, reasons: ["host"] },
    clauses: ["§3.2", "§3.2.2"],
  },
  "request-line/asterisk": {
    input: "`OPTIONS *`, or OPTIONS with a URI without a path",
    answer: "204 with all methods of the app in `Allow`",
    clauses: ["§3.2.4", "RFC 9110 §9.3.7"],
  },
  "request-line/asterisk-otherwise": {
    input: "`*` with another method, or with more behind it",
    answer: { status: 400, reasons: ["target"] },
    clauses: ["§3.2.4"],
  },
  "request-line/connect": {
    input: 'CONNECT, unless the app has `server.on("connect")`',
    answer: { status: 501, reasons: ["method"] },
    clauses: ["§3.2.3", "RFC 9110 §9.3.6"],
  },
  "request-line/authority-form": {
    input: "A host with a port as the target of another method",
    answer: { status: 400, reasons: ["target"] },
    clauses: ["§3.2.3"],
  },
  "request-line/minor-version": {
    input: "`HTTP/1.2` to `HTTP/1.9`",
    answer: "taken for 1.1, and answered as 1.1",
    clauses: ["§2.3", "RFC 9110 §6.2"],
  },
  "request-line/major-version": {
    input: "`HTTP/0.9`, `HTTP/2.0`, `HTTP/3.0` and their like",
    answer: { status: 505, reasons: ["version"] },
    clauses: ["§2.3", "RFC 9110 §15.6.6"],
  },
  "request-line/version-syntax": {
    input: "A version not written as `HTTP/` digit `.` digit",
    answer: { status: 400, reasons: ["version"] },
    clauses: ["§2.3"],
  },
  "request-line/length": {
    input: "A request line of up to `maxRequestLineBytes`, its CRLF included",
    answer: "goes to the app",
    clauses: ["§3"],
  },
  "request-line/too-long": {
    input: "A longer request line, whole or not",
    answer: { status: 414, reasons: ["request_line_too_long"] },
    clauses: ["§3", "RFC 9110 §15.5.15"],
  },
} as const satisfies RuleEntries;
