/**
 * The multipart syntax of RFC 2046 §5.1.1, without I/O. Runs per chunk of a
 * form: content is searched with `indexOf()` and passed on without a copy.
 *
 *   preamble ─► delimiter ─► padding ─► LF ─► head ─► content ─► delimiter
 *                   └─ "-" ─► "-" ─► closing padding ─► LF ─► epilogue
 *
 * The state depends only on the bytes so far, not on how they were split into
 * chunks.
 */
import {
  type TransitionTable,
  transition,
} from "../../../shared/state-machine.ts";
import { invalidForm } from "./invalid-form.ts";
import { PartHeadBytes } from "./part-head-bytes.ts";

/** Receives the parts of a body in order. An error ends the decoding. */
export interface MultipartHandler {
  /** A part begins; `lines` are its field lines in Latin-1. */
  onHead(lines: string): void;
  /** @param bytes valid as long as the chunk that was decoded */
  onContent(bytes: Buffer): void;
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

const TRANSITIONS: TransitionTable<State> = {
  preamble: ["delimiter"],
  delimiter: ["closeDelimiter", "padding", "lineFeed"],
  closeDelimiter: ["closingPadding"],
  padding: ["lineFeed"],
  lineFeed: ["head"],
  head: ["content"],
  content: ["delimiter"],
  closingPadding: ["closingLineFeed"],
  closingLineFeed: ["epilogue"],
  epilogue: [],
};

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DASH = 0x2d;
const LINE_END_BYTES = 2;

export class MultipartDecoder {
  /** CRLF, two dashes and the boundary; only its first byte is CR. */
  readonly #delimiter: Buffer;
  readonly #handler: MultipartHandler;
  readonly #head = new PartHeadBytes();
  #state: State = "preamble";
  /** Length of the delimiter's prefix that the last bytes match. */
  #matchedBytes = LINE_END_BYTES;
  /** Matched bytes before the preamble or content, which are not part of it. */
  #outsideBytes = LINE_END_BYTES;

  constructor(boundary: string, handler: MultipartHandler) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    this.#handler = handler;
  }

  /** @throws HttpError 400 or 413, and errors of the handler */
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

  /** Reads the preamble or content up to a delimiter. */
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

  /** Continues a delimiter that has begun. */
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
      // The next byte may begin a delimiter, because only its first byte is CR.
      this.#matchedBytes = 0;
      this.#pass(delimiter.subarray(this.#outsideBytes, matched));
      this.#outsideBytes = 0;
    }
    return at;
  }

  /** Offset of a delimiter's prefix at the end, or the length of the bytes. */
  #partialMatchAt(bytes: Buffer, start: number): number {
    const from = Math.max(start, bytes.length - this.#delimiter.length + 1);
    const at = bytes.lastIndexOf(CR);
    if (at < from) return bytes.length;
    const begun = this.#delimiter.subarray(0, bytes.length - at);
    return bytes.subarray(at).equals(begun) ? at : bytes.length;
  }

  #pass(content: Buffer): void {
    if (this.#state !== "content" || content.length === 0) return;
    this.#handler.onContent(content);
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

  #onDelimiter(): void {
    if (this.#state === "content") {
      // Some parsers would read the next part as content of this one.
      if (this.#outsideBytes > 0) {
        throw invalidForm("a part without a line end before its boundary");
      }
      this.#handler.onPartEnd();
    }
    this.#matchedBytes = 0;
    this.#outsideBytes = 0;
    this.#move("delimiter");
  }

  #readHead(bytes: Buffer, start: number): number {
    const end = this.#head.read(bytes, start);
    const { lines } = this.#head;
    if (lines === undefined) return end;
    this.#handler.onHead(lines);
    this.#move("content");
    this.#matchedBytes = LINE_END_BYTES;
    this.#outsideBytes = LINE_END_BYTES;
    return end;
  }

  /** Reads a byte of a boundary's line. */
  #onByte(byte: number): void {
    switch (this.#state) {
      case "delimiter":
        if (byte === DASH) this.#move("closeDelimiter");
        else this.#onPadding(byte, "lineFeed");
        break;
      case "closeDelimiter":
        if (byte !== DASH) refuseLine();
        this.#move("closingPadding");
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
        this.#move("head");
        break;
      case "closingLineFeed":
        if (byte !== LF) refuseLine();
        this.#move("epilogue");
        break;
    }
  }

  /** RFC 2046 §5.1.1: whitespace added in transport is ignored. */
  #onPadding(byte: number, next: "lineFeed" | "closingLineFeed"): void {
    if (byte === CR) this.#move(next);
    else if (byte !== SPACE && byte !== TAB) refuseLine();
    else if (this.#state === "delimiter") this.#move("padding");
  }
}

function refuseLine(): never {
  throw invalidForm("a line that begins with the boundary and goes on");
}
