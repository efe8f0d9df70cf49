import type { RuleEntries } from "./rule-entry.ts";

/** What follows a request, when, and for how long. */
export const connectionRules = {
  "connection/persistent": {
    input: "1.1 without `Connection: close`",
    answer: "goes on after each answer, without saying so",
    clauses: ["§9.3"],
  },
  "connection/close-asked": {
    input: "`Connection: close`, in any list, line or case",
    answer: "answered with `Connection: close`; what follows is not looked at",
    clauses: ["§9.6"],
  },
  "connection/close-said": {
    input: "`Connection: close` in the handler's answer",
    answer: "the connection ends after it",
    clauses: ["§9.6"],
  },
  "connection/other-options": {
    input: "Other options in `Connection`, as `closed` or `x-close`",
    answer: "mean nothing",
    clauses: ["§9.3", "RFC 9110 §7.6.1"],
  },
  "connection/http10": {
    input: "1.0",
    answer: "answered as 1.1 with `Connection: close`, then closed",
    clauses: ["§9.3"],
  },
  "connection/http10-keep-alive": {
    input: "1.0 with `Connection: keep-alive`",
    answer: "goes on, and says `Connection: keep-alive`",
    clauses: ["§9.3"],
  },
  "connection/max-requests": {
    input: "The last of `maxRequestsPerConnection`",
    answer: "answered with `Connection: close`, then closed",
    clauses: ["§9.3", "§9.6"],
  },
  "connection/pipelining": {
    input: "Requests that do not wait for answers",
    answer: "handled one at a time, answered in order",
    clauses: ["§9.3.2"],
  },
  "connection/bad-after-good": {
    input: "A refused request behind good ones",
    answer: "the good ones' answers, one error, close; nothing after it",
    clauses: ["§9.3.2", "§9.6"],
  },
  "connection/pipeline-size": {
    input: "More than 64 KiB pipelined, or a client that does not read",
    answer: "reading stops until answers have been taken",
    clauses: ["§9.3.2"],
  },
  "connection/half-close": {
    input: "FIN after whole requests",
    answer: "all of them are answered, the last with `Connection: close`",
    clauses: ["§9.6"],
  },
  "connection/half-close-early": {
    input: "FIN before a request, or within its head",
    answer: "closed without a word, and without a count",
    clauses: ["§8", "§9.6"],
  },
  "connection/lingering-close": {
    input: "A client that still sends when it is refused",
    answer:
      "FIN, then reading on for `lingeringCloseTimeoutMs`: the answer is not " +
      "lost to a reset",
    clauses: ["§9.6"],
  },
  "connection/expect-continue": {
    input: "`Expect: 100-continue`, once or repeated, the body held back",
    answer: "100 when the handler first reads the body, and only then",
    clauses: ["RFC 9110 §10.1.1"],
  },
  "connection/expect-no-need": {
    input: "The same with an early answer, the body on its way, or none",
    answer: "no 100; an early answer closes the connection",
    clauses: ["RFC 9110 §10.1.1"],
  },
  "connection/expect-empty": {
    input: "`Expect` that is empty, or of empty list elements",
    answer: "nothing is expected",
    clauses: ["RFC 9110 §5.6.1", "RFC 9110 §10.1.1"],
  },
  "connection/expect-http10": {
    input: "`Expect` in 1.0",
    answer: "ignored",
    clauses: ["RFC 9110 §10.1.1"],
  },
  "connection/expect-unknown": {
    input: "`Expect` with anything else",
    answer: { status: 417, reasons: ["expectation"] },
    clauses: ["RFC 9110 §10.1.1", "RFC 9110 §15.5.18"],
  },
  "connection/upgrade": {
    input: "`Connection: upgrade` and an `Upgrade` that a route takes",
    answer:
      "after the answers before it the connection is the route's, with all " +
      "bytes behind the head",
    clauses: ["RFC 9110 §7.8"],
  },
  "connection/upgrade-ignored": {
    input:
      "`Upgrade` that no route takes, without `Connection: upgrade`, in 1.0, " +
      "or with a body",
    answer: "ignored: HTTP goes on",
    clauses: ["RFC 9110 §7.8"],
  },
  "connection/upgrade-required": {
    input: "A path that has only an upgrade, without one",
    answer: "426 with the protocols in `Upgrade`",
    clauses: ["RFC 9110 §15.5.22"],
  },
  "connection/head-timeout": {
    input: "A head not whole within `headTimeoutMs` (slowloris)",
    answer: { status: 408, reasons: ["head_timeout"] },
    clauses: ["RFC 9110 §15.5.9"],
  },
  "connection/body-timeout": {
    input:
      "A body that is silent for `bodyTimeoutMs`, or after that long slower " +
      "than `minBodyBytesPerSecond`",
    answer: { status: 408, reasons: ["body_timeout"] },
    clauses: ["RFC 9110 §15.5.9"],
  },
  "connection/body-held-back": {
    input: "A body that the server itself holds back",
    answer: "its time does not run",
    clauses: ["RFC 9110 §15.5.9"],
  },
  "connection/handler-timeout": {
    input:
      "A handler that has not answered within `handlerTimeoutMs`, or the time " +
      "of its route",
    answer:
      "503 with `Retry-After: 1`; `request.signal` aborts, the connection " +
      "goes on",
    clauses: ["RFC 9110 §15.6.4"],
  },
  "connection/idle-timeout": {
    input: "No request within `keepAliveTimeoutMs`",
    answer: "closed without a word",
    clauses: ["§9.3", "§9.5"],
  },
  "connection/write-timeout": {
    input: "A client that takes no byte of its answer for `writeTimeoutMs`",
    answer: "cut off",
    clauses: ["§9.5"],
  },
} as const satisfies RuleEntries;
