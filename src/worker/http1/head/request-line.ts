/**
 * The request line and the empty lines before it: RFC 9112 §2.2 and §3.
 *
 * Runs per request. Where the bytes end within the line, `read` keeps the
 * offsets found so far and goes on from there in the next call: no byte is
 * checked twice, except for the 8 of the version.
 */
import {
  CR,
  DIGIT_0,
  DIGIT_1,
  endOfRun,
  HTAB,
  IS_TARGET,
  IS_TOKEN,
  LF,
  SP,
} from "../bytes.ts";
import type { ParserLimits } from "../parser-limits.ts";
import { type ParseErrorReason, ProtocolError } from "../protocol-error.ts";
import { latin1 } from "./byte-text.ts";

const MAX_EMPTY_LINES = 4;
/** Longer than any registered method; not a setting. */
const MAX_METHOD_BYTES = 32;
const VERSION_BYTES = "HTTP/1.1".length;
const OTHER_MAJOR = /^HTTP\/([02-9])\.\d\r$/;

export class RequestLine {
  readonly #maxBytes: number;
  #emptyLines = 0;
  /** The first byte that has not been checked. */
  #at = 0;
  // --- offsets; 0 until found, except for `start`
  start = 0;
  methodEnd = 0;
  targetEnd = 0;
  /** After the CRLF. */
  end = 0;
  isHttp10 = false;

  constructor({ maxRequestLineBytes }: ParserLimits) {
    this.#maxBytes = maxRequestLineBytes;
  }

  restart(offset: number): void {
    this.#emptyLines = 0;
    this.#begin(offset);
  }

  #begin(offset: number): void {
    this.#at = offset;
    this.start = offset;
    this.methodEnd = 0;
    this.targetEnd = 0;
    this.end = 0;
  }

  /**
   * @returns whether the line is complete. @throws ProtocolError 400, 414, 501
   * or 505 as soon as no further bytes could make the line valid
   */
  read(bytes: Buffer): boolean {
    if (bytes[this.start] === CR && !this.#skipEmptyLines(bytes)) return false;
    const end = Math.min(bytes.length, this.start + this.#maxBytes);
    let at = this.#at;
    if (this.methodEnd === 0) {
      at = endOfRun(bytes, at, end, IS_TOKEN);
      if (at === end) return this.#needMore(end);
      this.#checkMethodEnd(bytes[at] as number, at);
      this.methodEnd = at++;
    }
    if (this.targetEnd === 0) {
      at = endOfRun(bytes, at, end, IS_TARGET);
      if (at === end) return this.#needMore(end);
      this.#checkTargetEnd(bytes[at] as number, at);
      this.targetEnd = at;
    }
    const versionStart = this.targetEnd + 1;
    const versionEnd = versionStart + VERSION_BYTES;
    if (versionEnd >= end) {
      checkVersionBegun(bytes, versionStart, end);
      return this.#needMore(end);
    }
    this.isHttp10 = minorVersion(bytes, versionStart) === 0;
    if (versionEnd + 1 === end) return this.#needMore(end);
    if (bytes[versionEnd + 1] !== LF) refuse("request_line", "a bare CR");
    this.end = versionEnd + 2;
    return true;
  }

  /** @returns whether something follows them. @throws ProtocolError 400 */
  #skipEmptyLines(bytes: Buffer): boolean {
    while (this.start < bytes.length && bytes[this.start] === CR) {
      if (this.#emptyLines === MAX_EMPTY_LINES) {
        refuse("request_line", "too many empty lines before a request");
      }
      if (this.start + 1 === bytes.length) return false;
      if (bytes[this.start + 1] !== LF) refuse("request_line", "a bare CR");
      this.#emptyLines++;
      this.#begin(this.start + 2);
    }
    return this.start < bytes.length;
  }

  /** All up to `end` has been read. @throws ProtocolError at the limit */
  #needMore(end: number): false {
    this.#at = end;
    if (end - this.start < this.#maxBytes) return false;
    // A line without a target is not a request line with a long target.
    if (this.methodEnd === 0) {
      refuse("method", `a method of ${this.#maxBytes} bytes or more`);
    }
    const text = `a request line over ${this.#maxBytes} bytes`;
    throw new ProtocolError(414, "request_line_too_long", text);
  }

  #checkMethodEnd(byte: number, at: number): void {
    if (byte !== SP || at === this.start) {
      refuse("method", "a method that is not a token");
    }
    if (at - this.start > MAX_METHOD_BYTES) {
      const text = `a method over ${MAX_METHOD_BYTES} bytes`;
      throw new ProtocolError(501, "method", text); // RFC 9112 §3
    }
  }

  #checkTargetEnd(byte: number, at: number): void {
    if (byte !== SP) {
      const isLineEnd = byte === CR || byte === LF;
      if (isLineEnd) refuse("request_line", "a request line without a version");
      refuse("target", "an invalid character in the request target");
    }
    if (at === this.methodEnd + 1) {
      refuse("request_line", "more than one blank in the request line");
    }
  }
}

/** Refuses what cannot become a version; the rest is checked with its CR. */
function checkVersionBegun(bytes: Buffer, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    const isPart = byte !== SP && byte !== HTAB && byte !== CR && byte !== LF;
    if (!isPart) refuse("version", "an invalid HTTP version");
  }
}

/**
 * The digit after "HTTP/1.", where a line ends after it.
 *
 * @throws ProtocolError 400, 505
 */
function minorVersion(bytes: Buffer, start: number): number {
  const minor = (bytes[start + 7] as number) - DIGIT_0;
  if (
    bytes[start] === 0x48 &&
    bytes[start + 1] === 0x54 &&
    bytes[start + 2] === 0x54 &&
    bytes[start + 3] === 0x50 &&
    bytes[start + 4] === 0x2f &&
    bytes[start + 5] === DIGIT_1 &&
    bytes[start + 6] === 0x2e &&
    bytes[start + 8] === CR &&
    minor >= 0 &&
    minor <= 9
  ) {
    return minor;
  }
  refuseVersion(latin1(bytes, start, start + VERSION_BYTES + 1));
}

function refuseVersion(text: string): never {
  const [, major] = OTHER_MAJOR.exec(text) ?? [];
  if (major === undefined) refuse("version", "an invalid HTTP version");
  throw new ProtocolError(505, "version", `HTTP/${major} is not served here`);
}

function refuse(reason: ParseErrorReason, message: string): never {
  throw new ProtocolError(400, reason, message);
}
