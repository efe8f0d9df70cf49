import type { RuleEntries } from "./rule-entry.ts";

/** How long a request's body is, and what is in it. */
export const framingRules = {
  "framing/no-body": {
    input: "Neither `Content-Length` nor `Transfer-Encoding`",
    answer: "no body: what follows is the next request",
    clauses: ["§6.3"],
  },
  "framing/content-length": {
    input: "`Content-Length`, with any method",
    answer: "a body of exactly so many bytes, whatever they are",
    clauses: ["§6.2", "§6.3"],
  },
  "framing/chunked": {
    input: "`Transfer-Encoding: chunked`, in any case, with any method",
    answer: "a body in chunks, put together for the app",
    clauses: ["§6.1", "§7.1"],
  },
  "framing/both-lengths": {
    input: "`Content-Length` and `Transfer-Encoding` together",
    answer: { status: 400, reasons: ["framing"] },
    clauses: ["§6.1", "§6.3"],
  },
  "framing/coding-not-chunked": {
    input: "`Transfer-Encoding` that does not end in `chunked`",
    answer: { status: 400, reasons: ["framing"] },
    clauses: ["§6.3"],
  },
  "framing/coding-syntax": {
    input:
      "`Transfer-Encoding` that is empty, has `chunked` twice, parameters or " +
      "quotes",
    answer: { status: 400, reasons: ["framing"] },
    clauses: ["§6.1", "§7"],
  },
  "framing/coding-empty-elements": {
    input: "`chunked` with empty list elements around it",
    answer: "read as `chunked`",
    clauses: ["§6.1", "RFC 9110 §5.6.1"],
  },
  "framing/coding-controls": {
    input: "VT or FF in `Transfer-Encoding`",
    answer: { status: 400, reasons: ["field"] },
    clauses: ["RFC 9110 §5.5"],
  },
  "framing/unknown-coding": {
    input: "Another coding before `chunked`",
    answer: { status: 501, reasons: ["framing"] },
    clauses: ["§6.1"],
  },
  "framing/coding-http10": {
    input: "`Transfer-Encoding` in 1.0",
    answer: { status: 400, reasons: ["framing"] },
    clauses: ["§6.1"],
  },
  "framing/length-syntax": {
    input: "`Content-Length` that is empty, not digits only, or a list",
    answer: { status: 400, reasons: ["framing"] },
    clauses: ["§6.3", "RFC 9110 §8.6"],
  },
  "framing/length-twice": {
    input: "Two `Content-Length` fields, even if equal",
    answer: { status: 400, reasons: ["framing"] },
    clauses: ["§6.3"],
  },
  "framing/length-over-2-53": {
    input: "`Content-Length` of 2^53 or more",
    answer: { status: 400, reasons: ["framing"] },
    clauses: ["§6.3", "RFC 9110 §8.6"],
  },
  "framing/chunk-size": {
    input: "Chunk sizes in either case of letters, zeros before them",
    answer: "read as hexadecimal; up to 16 digits",
    clauses: ["§7.1"],
  },
  "framing/chunk-size-syntax": {
    input:
      "A chunk size that is empty, not hexadecimal digits only (sign, `0x`, " +
      "`_`, a blank before it), over 2^53 or of more than 16 digits",
    answer: { status: 400, reasons: ["chunk"] },
    clauses: ["§7.1"],
  },
  "framing/chunk-line-end": {
    input: "A line end after a size, extension or data that is not CRLF",
    answer: { status: 400, reasons: ["chunk"] },
    clauses: ["§7.1", "CVE-2025-22871", "CVE-2025-58056"],
  },
  "framing/chunk-data": {
    input: "Chunk data that is shorter or longer than its size",
    answer: { status: 400, reasons: ["chunk"] },
    clauses: ["§7.1"],
  },
  "framing/chunk-extension": {
    input: "Valid chunk extensions, with blanks (BWS) before `;` or without",
    answer: "read over",
    clauses: ["§7.1.1", "RFC 9110 §5.6.3"],
  },
  "framing/chunk-extension-syntax": {
    input:
      "`;` without a name, a blank without an extension behind it, NUL, or " +
      "another breach of the grammar",
    answer: { status: 400, reasons: ["chunk"] },
    clauses: ["§7.1.1"],
  },
  "framing/chunk-extension-line-end": {
    input: "CR or LF in an extension, within quotes or not",
    answer: { status: 400, reasons: ["chunk"] },
    clauses: ["§7.1.1", "CVE-2025-55315", "CVE-2024-52304"],
  },
  "framing/chunk-extensions-size": {
    input: "Extensions of one body over 16 KiB together",
    answer: { status: 431, reasons: ["chunk_extensions_too_large"] },
    clauses: ["§7.1.1", "CVE-2024-22019"],
  },
  "framing/trailers": {
    input: "Fields after the last chunk",
    answer:
      "`request.body.trailers`, never among `request.headers`; those that " +
      "would frame or route mean nothing there",
    clauses: ["§7.1.2", "RFC 9110 §6.5.1"],
  },
  "framing/trailer-syntax": {
    input: "A trailer that would be no field",
    answer: { status: 400, reasons: ["trailer"] },
    clauses: ["§5", "§7.1.2"],
  },
  "framing/trailers-size": {
    input: "Trailers over `maxHeadBytes` or `maxFields`",
    answer: { status: 431, reasons: ["head_too_large"] },
    clauses: ["RFC 6585 §5"],
  },
  "framing/body-limit": {
    input: "A body of up to `maxBodyBytes`",
    answer: "goes to the app",
    clauses: ["RFC 9110 §15.5.14"],
  },
  "framing/body-too-large": {
    input: "A body over `maxBodyBytes`",
    answer: {
      status: 413,
      reasons: ["body_too_large"],
      remark:
        "before any of it is read where its length is said, otherwise with " +
        "the chunk that is too much",
    },
    clauses: ["RFC 9110 §15.5.14"],
  },
  "framing/incomplete-body": {
    input: "The client's FIN before the body is whole",
    answer:
      "no answer: reading the body throws `RequestAborted`, the signal aborts",
    clauses: ["§6.3", "§8"],
  },
  "framing/unread-body": {
    input: "A body that the handler does not read",
    answer: "read past, up to `maxUnreadBodyBytes`; it is never a request",
    clauses: ["§9.3"],
  },
  "framing/unread-body-limit": {
    input: "More of it than that, or chunks of which nobody knows the end",
    answer: "the answer says `Connection: close`, and the connection closes",
    clauses: ["§9.3", "§9.6"],
  },
} as const satisfies RuleEntries;
