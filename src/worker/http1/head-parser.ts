/**
 * The head of a request: bytes in, `RequestHead` or `undefined` ("more is
 * needed") out, `ProtocolError` for what can never become one.
 *
 *   start ─► method ─SP─► target ─SP─► version ─CR─► LF ─► fields ─► done
 *     └─ empty lines before it are skipped, a few (RFC 9112 §2.2)
 *
 * Runs per byte: every byte is looked at once, in the loop of its state, also
 * when they come one by one. Of the fields only those that the server itself
 * needs are made into text here.
 */
import { HttpHeaders } from "../http/headers.ts";
import { isText, latin1 } from "./byte-text.ts";
import { CR, endOfRun, HTAB, IS_TARGET, IS_TOKEN, LF, SP } from "./bytes.ts";
import { FieldSection } from "./field-section.ts";
import { KnownFields } from "./known-fields.ts";
import type { ParserLimits } from "./limits.ts";
import { type ParseErrorReason, ProtocolError } from "./protocol-error.ts";
import type { RequestHead } from "./request-head.ts";
import { resolveTarget } from "./request-target.ts";

type State =
  | "start"
  | "emptyLine"
  | "method"
  | "target"
  | "version"
  | "lineFeed"
  | "fields";

const MAX_EMPTY_LINES = 4;
const MAX_METHOD_BYTES = 32;
const USUAL_VERSION = "HTTP/1.1";
const VERSION = /^HTTP\/(\d)\.(\d)$/;

export class HeadParser {
  readonly #limits: ParserLimits;
  readonly #fields: FieldSection;
  readonly #known = new KnownFields();

  #state: State = "start";
  #emptyLines = 0;
  /** Offsets in the bytes that are parsed. */
  #at = 0;
  #lineStart = 0;
  #methodEnd = 0;
  #targetEnd = 0;
  #fieldsStart = 0;

  #minorVersion = 1;

  constructor(limits: ParserLimits) {
    this.#limits = limits;
    this.#fields = new FieldSection(limits, "field", (bytes, name, value) => {
      this.#known.onField(bytes, name, value);
    });
  }

  /** Where in the bytes the head that `parse` just gave ends. */
  get endOffset(): number {
    return this.#at;
  }

  /** Whether a head has begun: empty lines are no beginning. */
  get hasBegun(): boolean {
    return this.#state !== "start" && this.#state !== "emptyLine";
  }

  /** Whether the method is HEAD, also of a head that is refused. */
  isForHead(bytes: Buffer): boolean {
    if (!this.hasBegun || this.#state === "method") return false;
    const length = this.#methodEnd - this.#lineStart;
    return length === 4 && isText(bytes, this.#lineStart, "HEAD");
  }

  /** Forgets what was parsed; the next head begins at `offset`. */
  restart(offset = 0): void {
    this.#fields.restart();
    this.#state = "start";
    this.#emptyLines = 0;
    this.#at = offset;
    this.#lineStart = offset;
    this.#known.restart();
  }

  /**
   * @param bytes a second call gets what the first one got, and more: offsets
   * mean the same bytes
   * @throws ProtocolError
   */
  parse(bytes: Buffer): RequestHead | undefined {
    const lineEnd = this.#state !== "fields" && this.#parseLine(bytes);
    if (this.#state !== "fields") return this.#checkLineSize(lineEnd);
    const limit = this.#lineStart + this.#limits.maxHeadBytes;
    const end = Math.min(bytes.length, limit);
    const fieldsEnd = this.#fields.parse(bytes, this.#at, end);
    if (fieldsEnd < 0) {
      this.#at = end;
      if (end === limit) refuseHeadSize(this.#limits);
      return undefined;
    }
    this.#at = fieldsEnd;
    return this.#finish(bytes);
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
          this.#methodEnd = at++;
          this.#state = "target";
          break;
        case "target":
          at = endOfRun(bytes, at, end, IS_TARGET);
          if (at === end) break;
          this.#checkTargetEnd(bytes[at] as number, at);
          this.#targetEnd = at++;
          this.#state = "version";
          break;
        case "version":
          while (at < end && bytes[at] !== CR)
            at = this.#versionByte(bytes, at);
          if (at === end) break;
          this.#minorVersion = parseVersion(bytes, this.#targetEnd + 1, at);
          at++;
          this.#state = "lineFeed";
          break;
        case "lineFeed":
          if (bytes[at] !== LF) refuse("request_line", "a bare CR");
          at++;
          this.#fieldsStart = at;
          this.#at = at;
          this.#state = "fields";
          return false;
        case "emptyLine":
          if (bytes[at] !== LF) refuse("request_line", "a bare CR");
          at++;
          this.#lineStart = at;
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
    return this.#lineStart + this.#limits.maxRequestLineBytes;
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
    if (byte !== SP || at === this.#lineStart) {
      refuse("method", "a method that is not a token");
    }
    if (at - this.#lineStart > MAX_METHOD_BYTES) {
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
    if (at === this.#methodEnd + 1) {
      refuse("request_line", "more than one blank in the request line");
    }
  }

  #versionByte(bytes: Buffer, at: number): number {
    const isTooLong = at - this.#targetEnd > USUAL_VERSION.length;
    const byte = bytes[at] as number;
    if (isTooLong || byte === SP || byte === HTAB || byte === LF) {
      refuse("version", "an invalid HTTP version");
    }
    return at + 1;
  }

  // --- the whole head

  #finish(bytes: Buffer): RequestHead {
    const isHttp10 = this.#minorVersion === 0;
    const method = methodText(bytes, this.#lineStart, this.#methodEnd);
    const text = latin1(bytes, this.#methodEnd + 1, this.#at - 2);
    const sent = text.slice(0, this.#targetEnd - this.#methodEnd - 1);
    const linesStart = this.#fieldsStart - this.#methodEnd - 1;
    const headers = HttpHeaders.fromCheckedLines(text, linesStart);
    const target = this.#resolve(method, sent, headers);
    this.#known.checkHost(isHttp10);
    const framing = this.#known.framing(isHttp10);
    return {
      method,
      target,
      httpVersion: isHttp10 ? "1.0" : "1.1",
      headers,
      framing,
      keepsAlive: this.#known.keepsAlive(isHttp10),
      expectsContinue: this.#known.expectsContinue(isHttp10),
      upgrades: this.#known.upgrades(isHttp10, framing !== 0),
    };
  }

  #resolve(method: string, sent: string, headers: HttpHeaders): string {
    if (sent.charCodeAt(0) === 0x2f && method !== "CONNECT") return sent;
    const { target, authority } = resolveTarget(method, sent);
    // RFC 9112 §3.2.2: the target's authority replaces what Host said.
    if (authority !== undefined) headers.set("Host", authority);
    return target;
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

const GET = 0x47;
const POST = 0x50;

/** The usual methods are not made into text anew. */
function methodText(bytes: Buffer, start: number, end: number): string {
  const first = bytes[start];
  const length = end - start;
  if (first === GET && length === 3 && isText(bytes, start, "GET")) {
    return "GET";
  }
  if (first === POST && length === 4 && isText(bytes, start, "POST")) {
    return "POST";
  }
  return latin1(bytes, start, end);
}

function refuse(reason: ParseErrorReason, message: string): never {
  throw new ProtocolError(400, reason, message);
}

function refuseHeadSize(limits: ParserLimits): never {
  const text = `a head over ${limits.maxHeadBytes} bytes`;
  throw new ProtocolError(431, "head_too_large", text);
}
