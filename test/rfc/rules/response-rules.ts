import type { RuleEntries } from "./rule-entry.ts";

/** What the server sends. */
export const responseRules = {
  "responses/status-line": {
    input: "Any answer",
    answer: "`HTTP/1.1`, the status, the registered reason or one's own",
    clauses: ["§4"],
  },
  "responses/refusal": {
    input: "Any refusal",
    answer:
      "`application/problem+json` that says what was wrong, `Date`, " +
      "`Content-Length`, `Connection: close`",
    clauses: ["§9.6", "RFC 9110 §15.5", "RFC 9457 §3"],
  },
  "responses/splitting": {
    input:
      "CR, LF, NUL, another control character or one beyond Latin-1 in a " +
      "field or reason",
    answer: "throws where it is set: at most a 500 leaves the server",
    clauses: ["§11.1", "RFC 9110 §5.5"],
  },
  "responses/length": {
    input: "A body that is there as a whole, or none",
    answer: "`Content-Length`, never `Transfer-Encoding`",
    clauses: ["§6.2", "§6.3"],
  },
  "responses/chunked": {
    input: "A body that comes in pieces",
    answer: "chunked, never with `Content-Length`",
    clauses: ["§6.1", "§7.1"],
  },
  "responses/trailers": {
    input: "Trailers of the handler's",
    answer:
      "`Trailer` in the head, the fields after the last chunk; none to 1.0 " +
      "and HEAD, without content, or with a declared length",
    clauses: ["§7.1.2", "RFC 9110 §6.5", "RFC 9110 §6.6.2"],
  },
  "responses/trailer-names": {
    input: "A trailer that frames, routes, authenticates or controls",
    answer: "throws where it is set; left out of `addTrailers()`",
    clauses: ["RFC 9110 §6.5.1"],
  },
  "responses/trailer-failure": {
    input: "Trailers that fail, or were not announced",
    answer: "the connection is reset: the answer must not look whole",
    clauses: ["§8"],
  },
  "responses/stream-http10": {
    input: "A body that comes in pieces, to 1.0",
    answer: "neither field: the close is its end",
    clauses: ["§6.1", "§6.3"],
  },
  "responses/declared-length": {
    input: "A body in pieces with a `Content-Length` of the handler's",
    answer: "sent as it is, also to 1.0",
    clauses: ["§6.2"],
  },
  "responses/wrong-length": {
    input: "A body unlike its declared length",
    answer:
      "500 where it is there as a whole; otherwise the connection is cut, " +
      "with no byte too many",
    clauses: ["§6.3", "§8", "RFC 9110 §8.6"],
  },
  "responses/own-transfer-encoding": {
    input: "`Transfer-Encoding` set by the handler",
    answer: "500: the framing is the server's",
    clauses: ["§6.1"],
  },
  "responses/stream-failure": {
    input: "A body in pieces that fails midway",
    answer: "the connection is reset: half must not look whole",
    clauses: ["§8"],
  },
  "responses/no-content": {
    input: "204, 205 or 304 with a body",
    answer: "no content; 204 has no length, 205 has 0, 304 only a declared one",
    clauses: ["§6.3", "RFC 9110 §8.6", "RFC 9110 §15"],
  },
  "responses/interim": {
    input: "An interim answer of a handler: 103, 102, 100",
    answer:
      "sent before the final one, without a length; never to 1.0 or within " +
      "an answer, and 100 only where it is waited for. 1xx as the final " +
      "status throws",
    clauses: ["RFC 9110 §8.6", "RFC 9110 §15.2"],
  },
  "responses/head": {
    input: "HEAD",
    answer: "the fields that GET would have, no content",
    clauses: ["§6.3", "RFC 9110 §9.3.2"],
  },
  "responses/head-refused": {
    input: "HEAD that is refused",
    answer: "the fields of the error, no content",
    clauses: ["§6.3", "RFC 9110 §9.3.2"],
  },
  "responses/head-route": {
    input: "HEAD where there is a route for GET only",
    answer: "answered by that",
    clauses: ["RFC 9110 §9.3.2"],
  },
  "responses/options": {
    input: "OPTIONS where no route takes it",
    answer: "204 with the path's methods in `Allow`",
    clauses: ["RFC 9110 §9.3.7"],
  },
  "responses/method-not-allowed": {
    input: "A method that the path's routes do not have",
    answer: "405 with those they have in `Allow`",
    clauses: ["RFC 9110 §15.5.6", "RFC 9110 §10.2.1"],
  },
  "responses/date": {
    input: "Any final answer",
    answer: "one `Date`, the handler's or else the server's",
    clauses: ["RFC 9110 §6.6.1"],
  },
  "responses/unauthorized": {
    input: "401, thrown or by `unauthorized()`, without `WWW-Authenticate`",
    answer: "gets `WWW-Authenticate: Basic`",
    clauses: ["RFC 9110 §11.6.1"],
  },
  "responses/retry-after": {
    input: "503, thrown or by `serviceUnavailable()`, without `Retry-After`",
    answer: "gets `Retry-After: 1`",
    clauses: ["RFC 9110 §10.2.3", "RFC 9110 §15.6.4"],
  },
  "responses/handler-failure": {
    input: "A handler that throws",
    answer: "500, one log line; this and all other connections go on",
    clauses: ["RFC 9110 §15.6.1"],
  },
} as const satisfies RuleEntries;
