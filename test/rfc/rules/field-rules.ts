import type { RuleEntries } from "./rule-entry.ts";

/** What a head may hold after its first line. */
export const fieldRules = {
  "fields/well-formed": {
    input: "Field lines: token, colon, value, CRLF",
    answer:
      "kept in order, without the SP and TAB around values; a value may be " +
      "empty",
    clauses: ["§5", "§5.1", "RFC 9110 §5.5"],
  },
  "fields/line-end": {
    input: "A bare LF or CR anywhere in the fields",
    answer: { status: 400, reasons: ["field"] },
    clauses: ["§2.2", "CVE-2022-32214", "CVE-2023-30589"],
  },
  "fields/blank-before-colon": {
    input: "A space or TAB between name and colon",
    answer: { status: 400, reasons: ["field"] },
    clauses: ["§5.1", "CVE-2019-16276"],
  },
  "fields/leading-blank": {
    input: "A space or TAB before the first field",
    answer: { status: 400, reasons: ["field"] },
    clauses: ["§2.2"],
  },
  "fields/folding": {
    input: "A field folded over lines (obs-fold)",
    answer: { status: 400, reasons: ["field"] },
    clauses: ["§5.2", "CVE-2022-32215"],
  },
  "fields/name-syntax": {
    input: "An empty name, one that is not a token, a line without a colon",
    answer: { status: 400, reasons: ["field"] },
    clauses: ["§5", "RFC 9110 §5.1"],
  },
  "fields/value-characters": {
    input: "NUL, DEL or another control character but TAB in a value",
    answer: { status: 400, reasons: ["field"] },
    clauses: ["RFC 9110 §5.5"],
  },
  "fields/obs-text": {
    input: "Bytes from 0x80 on in a value",
    answer: "opaque: kept as Latin-1, and never trimmed",
    clauses: ["RFC 9110 §5.5"],
  },
  "fields/ordinary-names": {
    input: "`__proto__`, `constructor` and their like as names",
    answer: "names as any other",
    clauses: ["RFC 9110 §5.1"],
  },
  "fields/underscores": {
    input: "`Content_Length`, `Transfer_Encoding`",
    answer: "never read as the names with a hyphen",
    clauses: ["§6.3"],
  },
  "fields/repeated": {
    input: "Several lines of one name",
    answer: "kept one by one, in order; `Set-Cookie` is never joined",
    clauses: ["RFC 9110 §5.3", "RFC 6265 §3"],
  },
  "fields/limits": {
    input: "A head of up to `maxHeadBytes` and `maxFields`",
    answer: "goes to the app; empty lines before it do not count",
    clauses: ["RFC 9110 §5.4"],
  },
  "fields/too-large": {
    input: "A head over `maxHeadBytes`, whole or not",
    answer: { status: 431, reasons: ["head_too_large"] },
    clauses: ["RFC 6585 §5"],
  },
  "fields/too-many": {
    input: "A head of more than `maxFields` fields",
    answer: { status: 431, reasons: ["head_too_large"] },
    clauses: ["RFC 6585 §5"],
  },
  "fields/host": {
    input:
      "A `Host` of a name or an address, with a port or without; the port " +
      "may be empty, and have zeros in front",
    answer: "goes to the app as it was sent",
    clauses: ["§3.2", "RFC 9110 §7.2", "RFC 3986 §3.2.3"],
  },
  "fields/host-missing": {
    input: "No `Host` in 1.1",
    answer: { status: 400, reasons: ["host"] },
    clauses: ["§3.2"],
  },
  "fields/host-twice": {
    input: "`Host` twice, even if equal",
    answer: { status: 400, reasons: ["host"] },
    clauses: ["§3.2"],
  },
  "fields/host-syntax": {
    input:
      "A `Host` that is empty, a list, has a path, userinfo, a bad port, no " +
      "valid name, or in brackets no IPv6 address, or one with a zone",
    answer: { status: 400, reasons: ["host"] },
    clauses: ["§3.2", "RFC 9110 §7.2", "RFC 3986 §3.2.2"],
  },
  "fields/host-http10": {
    input: "No `Host` in 1.0",
    answer: "goes to the app",
    clauses: ["§3.2"],
  },
} as const satisfies RuleEntries;
