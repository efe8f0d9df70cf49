/**
 * The head of a request: bytes in, `RequestHead` or `undefined` ("more is
 * needed") out, `ProtocolError` for what can never become one.
 *
 *   start ─► method ─SP─► target ─SP─► version ─CR─► LF ─► fields ─► done
 *     ├─ empty lines before it are skipped, a few (RFC 9112 §2.2)
 *     └─ a head that is whole is done at once: `WholeHead`
 *
 * Runs per byte where a head is not whole: then every byte is looked at once,
 * in the loop of its state, also when they come one by one.
 */

import { CR, endOfRun, HTAB, IS_TARGET, IS_TOKEN, LF, SP } from "../bytes.ts";
import { MAX_METHOD_BYTES, type ParserLimits } from "../limits.ts";
import { type ParseErrorReason, ProtocolError } from "../protocol-error.ts";
import { isText, latin1, textBytes } from "./byte-text.ts";
import { FieldSection } from "./field-section.ts";
import { HeadMaker } from "./head-maker.ts";
import { HeadPlaces } from "./head-offsets.ts";
import { KnownFields } from "./known-fields.ts";
import type { RequestHead } from "./request-head.ts";
import { WholeHead } from "./whole-head.ts";

type State =
  | "start"
  | "emptyLine"
  | "method"
  | "target"
  | "version"
  | "lineFeed"
  | "fields";

const MAX_EMPTY_LINES = 4;
const USUAL_VERSION = textBytes("HTTP/1.1");
const VERSION = /^HTTP\/(\d)\.(\d)$/;
const HEAD = textBytes("HEAD");

export class HeadParser {
  readonly #limits: ParserLimits;
  readonly #known = new KnownFields();
  readonly #whole: WholeHead;
  readonly #maker = new HeadMaker(this.#known);
  readonly #fields: FieldSection;
  /** Offsets in the bytes that are parsed, as is `#at`. */
  readonly #places = new HeadPlaces();
  #at = 0;
  #state: State = "start";
  #emptyLines = 0;

  constructor(limits: ParserLimits) {
    this.#limits = limits;
    this.#whole = new WholeHead(limits, this.#known);
    this.#fields = new FieldSection(limits, "field", (bytes, line) => {
      this.#known.onField(bytes, line);
    });
  }

  /** Where in the bytes the head that `parse` just gave ends. */
  get endOffset(): number {
    return this.#places.end;
  }

  /** Whether a head has begun: empty lines are no beginning. */
  get hasBegun(): boolean {
    return this.#state !== "start" && this.#state !== "emptyLine";
  }

  /** Whether the method is HEAD, also of a head that is refused. */
  isForHead(bytes: Buffer): boolean {
    if (!this.hasBegun || this.#state === "method") return false;
    const { lineStart, methodEnd } = this.#places;
    return methodEnd - lineStart === 4 && isText(bytes, lineStart, HEAD);
  }

  /**
   * Forgets what was parsed. The next head begins at `offset`: 0 in other
   * bytes, more in the same.
   */
  restart(offset = 0): void {
    if (offset === 0) this.#maker.forgetBytes();
    this.#state = "start";
    this.#emptyLines = 0;
    this.#at = offset;
    this.#places.lineStart = offset;
    this.#known.restart();
  }

  /**
   * @param bytes a second call gets what the first one got, and more: offsets
   * mean the same bytes
   * @throws ProtocolError
   */
  parse(bytes: Buffer): RequestHead | undefined {
    if (this.#state === "start") {
      if (this.#isWhole(bytes)) return this.#maker.make(bytes, this.#places);
      this.#known.restart();
      this.#fields.restart();
    }
    const lineEnd = this.#state !== "fields" && this.#parseLine(bytes);
    if (this.#state !== "fields") return this.#checkLineSize(lineEnd);
    const limit = this.#places.lineStart + this.#limits.maxHeadBytes;
    const end = Math.min(bytes.length, limit);
    const fieldsEnd = this.#fields.parse(bytes, this.#at, end);
    if (fieldsEnd < 0) {
      this.#at = end;
      if (end === limit) refuseHeadSize(this.#limits);
      return undefined;
    }
    this.#places.end = fieldsEnd;
    return this.#maker.make(bytes, this.#places);
  }

  #isWhole(bytes: Buffer): boolean {
    if (!this.#whole.read(bytes, this.#places)) return false;
    this.#state = "fields";
    return true;
  }

  // --- the request line

  /** Whether the line reached its limit without an end. */
  #parseLine(bytes: Buffer): boolean {
    let at = this.#at;
    let end = Math.min(bytes.length, this.#lineLimit);
    for (; at < end; ) {
      switch (this.#state) {
        case "start":
          if (bytes[at] === CR) {
            if (++this.#emptyLines > MAX_EMPTY_LINES) {
              refuse("request_line", "too many empty lines before a request");
            }
            this.#state = "emptyLine";
            at++;
            break;
          }
          this.#state = "method";
          break;
        case "method":
          at = endOfRun(bytes, at, end, IS_TOKEN);
          if (at === end) break;
          this.#checkMethodEnd(bytes[at] as number, at);
          this.#places.methodEnd = at++;
          this.#state = "target";
          break;
        case "target":
          at = endOfRun(bytes, at, end, IS_TARGET);
          if (at === end) break;
          this.#checkTargetEnd(bytes[at] as number, at);
          this.#places.targetEnd = at++;
          this.#state = "version";
          break;
        case "version":
          while (at < end && bytes[at] !== CR)
            at = this.#versionByte(bytes, at);
          if (at === end) break;
          this.#takeVersion(bytes, at++);
          this.#state = "lineFeed";
          break;
        case "lineFeed":
          if (bytes[at] !== LF) refuse("request_line", "a bare CR");
          at++;
          this.#places.fieldsStart = at;
          this.#at = at;
          this.#state = "fields";
          return false;
        case "emptyLine":
          if (bytes[at] !== LF) refuse("request_line", "a bare CR");
          at++;
          this.#places.lineStart = at;
          this.#state = "start";
          end = Math.min(bytes.length, this.#lineLimit);
          break;
        case "fields":
          return false;
        default:
          this.#state satisfies never;
      }
    }
    this.#at = at;
    return at === this.#lineLimit;
  }

  get #lineLimit(): number {
    return this.#places.lineStart + this.#limits.maxRequestLineBytes;
  }

  #checkLineSize(isTooLong: boolean): undefined {
    if (!isTooLong) return undefined;
    const { maxRequestLineBytes } = this.#limits;
    // Without a target it is no request line, and no target is too long.
    if (this.#state === "method") {
      refuse("method", `a method of ${maxRequestLineBytes} bytes or more`);
    }
    const text = `a request line over ${maxRequestLineBytes} bytes`;
    throw new ProtocolError(414, "request_line_too_long", text);
  }

  #checkMethodEnd(byte: number, at: number): void {
    if (byte !== SP || at === this.#places.lineStart) {
      refuse("method", "a method that is not a token");
    }
    if (at - this.#places.lineStart > MAX_METHOD_BYTES) {
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
    if (at === this.#places.methodEnd + 1) {
      refuse("request_line", "more than one blank in the request line");
    }
  }

  #takeVersion(bytes: Buffer, end: number): void {
    const start = this.#places.targetEnd + 1;
    this.#places.isHttp10 = parseVersion(bytes, start, end) === 0;
  }

  #versionByte(bytes: Buffer, at: number): number {
    const isTooLong = at - this.#places.targetEnd > USUAL_VERSION.length;
    const byte = bytes[at] as number;
    if (isTooLong || byte === SP || byte === HTAB || byte === LF) {
      refuse("version", "an invalid HTTP version");
    }
    return at + 1;
  }
}

/** @returns the minor version. @throws ProtocolError 400, 505 */
function parseVersion(bytes: Buffer, start: number, end: number): number {
  const isUsual = end - start === USUAL_VERSION.length;
  if (isUsual && isText(bytes, start, USUAL_VERSION)) return 1;
  const [, major, minor] = VERSION.exec(latin1(bytes, start, end)) ?? [];
  if (major === undefined) refuse("version", "an invalid HTTP version");
  if (major !== "1") {
    throw new ProtocolError(505, "version", `HTTP/${major} is not served here`);
  }
  return Number(minor);
}

function refuse(reason: ParseErrorReason, message: string): never {
  throw new ProtocolError(400, reason, message);
}

function refuseHeadSize(limits: ParserLimits): never {
  const text = `a head over ${limits.maxHeadBytes} bytes`;
  throw new ProtocolError(431, "head_too_large", text);
}
