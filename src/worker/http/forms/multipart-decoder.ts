/**
 * The multipart syntax of RFC 2046 §5.1.1, without I/O. Runs per chunk of a
 * form: content is searched by `indexOf()` and passed on without a copy.
 *
 *   preamble ─► delimiter ─► padding ─► LF ─► head ─► content ─► delimiter
 *                   └─ "-" ─► "-" ─► closing padding ─► LF ─► epilogue
 *
 * The state after a byte depends on the bytes before it alone, never on how
 * they were cut into chunks.
 */

import { invalidForm } from "./invalid-form.ts";
import { PartHeadBytes } from "./part-head-bytes.ts";

/** Receives the parts of a body in order. A throw ends the decoding. */
export interface MultipartHandler {
  /** A part begins; `lines` are its field lines in Latin-1. */
  onHead(lines: string): void;
  /** Valid for as long as the chunk that was decoded. */
  onContent(piece: Buffer): void;
  onPartEnd(): void;
}

type State =
  | "preamble"
  | "delimiter"
  | "closeDelimiter"
  | "padding"
  | "lineFeed"
  | "head"
  | "content"
  | "closingPadding"
  | "closingLineFeed"
  | "epilogue";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DASH = 0x2d;
const LINE_END_BYTES = 2;

export class MultipartDecoder {
  /** CRLF, two dashes and the boundary: no CR but the first. */
  readonly #delimiter: Buffer;
  readonly #handler: MultipartHandler;
  readonly #head = new PartHeadBytes();
  #state: State = "preamble";
  /** Bytes of the delimiter that the last bytes are. */
  #matchedBytes = LINE_END_BYTES;
  /** Matched bytes that lie before the preamble or content, not in it. */
  #outsideBytes = LINE_END_BYTES;

  constructor(boundary: string, handler: MultipartHandler) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    this.#handler = handler;
  }

  /** @throws HttpError 400 or 413, and what the handler throws */
  decode(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#state !== "epilogue") {
      if (this.#state === "content" || this.#state === "preamble") {
        at = this.#search(bytes, at);
      } else if (this.#state === "head") {
        at = this.#readHead(bytes, at);
      } else {
        this.#onByte(bytes[at++] as number);
      }
    }
  }

  /** @throws HttpError 400 unless the final boundary has been found */
  end(): void {
    if (this.#state === "epilogue" || this.#state === "closingPadding") return;
    throw invalidForm("it ends before its final boundary");
  }

  /** Takes content, or what precedes the first part, up to a delimiter. */
  #search(bytes: Buffer, start: number): number {
    if (this.#matchedBytes > 0) return this.#match(bytes, start);
    const delimiter = this.#delimiter;
    const found = bytes.indexOf(delimiter, start);
    if (found >= 0) {
      this.#pass(bytes.subarray(start, found));
      this.#onDelimiter();
      return found + delimiter.length;
    }
    const end = this.#partialMatchAt(bytes, start);
    this.#matchedBytes = bytes.length - end;
    this.#pass(bytes.subarray(start, end));
    return bytes.length;
  }

  /** Goes on with a delimiter that has begun. */
  #match(bytes: Buffer, start: number): number {
    const delimiter = this.#delimiter;
    let at = start;
    let matched = this.#matchedBytes;
    while (matched < delimiter.length && at < bytes.length) {
      if (bytes[at] !== delimiter[matched]) break;
      at++;
      matched++;
    }
    this.#matchedBytes = matched;
    if (matched === delimiter.length) this.#onDelimiter();
    else if (at < bytes.length) {
      // The next byte may begin another: only the first of a delimiter is CR.
      this.#matchedBytes = 0;
      this.#pass(delimiter.subarray(this.#outsideBytes, matched));
      this.#outsideBytes = 0;
    }
    return at;
  }

  /** Where the bytes end in the beginning of a delimiter, or their end. */
  #partialMatchAt(bytes: Buffer, start: number): number {
    const from = Math.max(start, bytes.length - this.#delimiter.length + 1);
    const at = bytes.lastIndexOf(CR);
    if (at < from) return bytes.length;
    const begun = this.#delimiter.subarray(0, bytes.length - at);
    return bytes.subarray(at).equals(begun) ? at : bytes.length;
  }

  #pass(piece: Buffer): void {
    if (this.#state !== "content" || piece.length === 0) return;
    this.#handler.onContent(piece);
  }

  #onDelimiter(): void {
    if (this.#state === "content") {
      // Some readers would take the next part for the content of this one.
      if (this.#outsideBytes > 0) {
        throw invalidForm("a part without a line end before its boundary");
      }
      this.#handler.onPartEnd();
    }
    this.#matchedBytes = 0;
    this.#outsideBytes = 0;
    this.#state = "delimiter";
  }

  #readHead(bytes: Buffer, start: number): number {
    const end = this.#head.read(bytes, start);
    const { lines } = this.#head;
    if (lines === undefined) return end;
    this.#handler.onHead(lines);
    this.#state = "content";
    this.#matchedBytes = LINE_END_BYTES;
    this.#outsideBytes = LINE_END_BYTES;
    return end;
  }

  /** Within the line of a boundary. */
  #onByte(byte: number): void {
    switch (this.#state) {
      case "delimiter":
        if (byte === DASH) this.#state = "closeDelimiter";
        else this.#onPadding(byte, "lineFeed");
        break;
      case "closeDelimiter":
        if (byte !== DASH) refuseLine();
        this.#state = "closingPadding";
        break;
      case "padding":
        this.#onPadding(byte, "lineFeed");
        break;
      case "closingPadding":
        this.#onPadding(byte, "closingLineFeed");
        break;
      case "lineFeed":
        if (byte !== LF) refuseLine();
        this.#head.restart();
        this.#state = "head";
        break;
      case "closingLineFeed":
        if (byte !== LF) refuseLine();
        this.#state = "epilogue";
        break;
    }
  }

  /** RFC 2046 §5.1.1: whitespace that was added on the way is ignored. */
  #onPadding(byte: number, next: "lineFeed" | "closingLineFeed"): void {
    if (byte === CR) this.#state = next;
    else if (byte !== SPACE && byte !== TAB) refuseLine();
    else if (next === "lineFeed") this.#state = "padding";
  }
}

function refuseLine(): never {
  throw invalidForm("a line that begins with the boundary and goes on");
}
