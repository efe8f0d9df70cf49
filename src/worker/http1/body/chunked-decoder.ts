/**
 * The chunked coding, RFC 9112 §7.1, byte by byte outside of the data.
 *
 *   size ─► extensions ─► LF ─► data ─► CR ─► LF ─► size
 *                          └─ size 0 ─► trailers ─► done
 *
 * Line ends must be CRLF and extensions must follow the grammar: a peer that
 * accepts others could see another request in the same bytes (CVE-2025-22871,
 * 2025-55315, 2024-52304).
 */

import { GrowingBytes } from "../../http/body/growing-bytes.ts";
import { HttpHeaders } from "../../http/fields/http-headers.ts";

import { CR, HEX_VALUE, LF } from "../bytes.ts";
import { FieldSection } from "../head/field-section.ts";
import type { ParserLimits } from "../parser-limits.ts";
import { ProtocolError } from "../protocol-error.ts";
import type { BodyDecoder, OnChunk } from "./body-decoder.ts";
import { beginsExtension, ChunkExtension } from "./chunk-extension.ts";
import { SmallPieces } from "./small-pieces.ts";

type State =
  | "sizeStart"
  | "size"
  | "extension"
  | "sizeLineFeed"
  | "data"
  | "dataReturn"
  | "dataLineFeed"
  | "trailers"
  | "done";

/** A larger size times 16 would not be a safe integer. */
const MAX_SIZE_BEFORE_DIGIT = Math.floor(Number.MAX_SAFE_INTEGER / 16);
/** Bounds leading zeros. */
const MAX_SIZE_DIGITS = 16;

/** Shared by all decoders: empty between two calls of `decode`. */
const pieces = new SmallPieces();

export class ChunkedDecoder implements BodyDecoder {
  readonly #limits: ParserLimits;
  readonly #extension = new ChunkExtension();
  readonly #trailerSection: FieldSection;
  #state: State = "sizeStart";
  #sizeDigits = 0;
  #chunkBytes = 0;
  #bodyBytes = 0;
  #extensionBytes = 0;
  /** The trailers so far, if they came in several pieces. */
  #heldTrailers: GrowingBytes | undefined = undefined;
  #trailers: HttpHeaders | undefined;

  constructor(limits: ParserLimits) {
    this.#limits = limits;
    this.#trailerSection = new FieldSection(limits, "trailer");
  }

  get isDone(): boolean {
    return this.#state === "done";
  }

  get remainingBytes(): number {
    return this.isDone ? 0 : Number.POSITIVE_INFINITY;
  }

  get trailers(): HttpHeaders | undefined {
    return this.#trailers;
  }

  decode(bytes: Buffer, start: number, onChunk: OnChunk): number {
    let at = start;
    pieces.restart();
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "data") at = this.#data(bytes, at, onChunk);
      else if (this.#state === "trailers") at = this.#readTrailers(bytes, at);
      else this.#onByte(bytes[at++] as number);
    }
    pieces.flush(onChunk);
    return at;
  }

  #onByte(byte: number): void {
    switch (this.#state) {
      case "sizeStart":
        if (HEX_VALUE[byte] === 255) refuse("a chunk without a size");
        this.#chunkBytes = HEX_VALUE[byte] as number;
        this.#sizeDigits = 1;
        this.#state = "size";
        break;
      case "size":
        this.#onSizeByte(byte);
        break;
      case "extension":
        this.#onExtensionByte(byte);
        break;
      case "sizeLineFeed":
        if (byte !== LF) refuse("a chunk size that does not end in CRLF");
        this.#beginData();
        break;
      case "dataReturn":
        if (byte !== CR) refuse("chunk data that does not end in CRLF");
        this.#state = "dataLineFeed";
        break;
      case "dataLineFeed":
        if (byte !== LF) refuse("chunk data that does not end in CRLF");
        this.#state = "sizeStart";
        break;
    }
  }

  #onSizeByte(byte: number): void {
    const digit = HEX_VALUE[byte] as number;
    if (digit !== 255) {
      if (this.#chunkBytes > MAX_SIZE_BEFORE_DIGIT) {
        refuse("a chunk size over 2^53");
      }
      if (++this.#sizeDigits > MAX_SIZE_DIGITS) {
        refuse(`a chunk size of more than ${MAX_SIZE_DIGITS} digits`);
      }
      this.#chunkBytes = this.#chunkBytes * 16 + digit;
    } else if (byte === CR) {
      this.#state = "sizeLineFeed";
    } else if (beginsExtension(byte)) {
      this.#countExtensionByte();
      this.#extension.begin(byte);
      this.#state = "extension";
    } else {
      refuse("an invalid chunk size");
    }
  }

  #onExtensionByte(byte: number): void {
    if (byte === CR && this.#extension.canEnd) {
      this.#state = "sizeLineFeed";
      return;
    }
    this.#countExtensionByte();
    this.#extension.onByte(byte);
  }

  /** The limit is for all extensions of a body (CVE-2024-22019). */
  #countExtensionByte(): void {
    const { maxChunkExtensionBytes } = this.#limits;
    if (++this.#extensionBytes <= maxChunkExtensionBytes) return;
    const text = `chunk extensions over ${maxChunkExtensionBytes} bytes`;
    throw new ProtocolError(431, "chunk_extensions_too_large", text);
  }

  #beginData(): void {
    if (this.#chunkBytes === 0) {
      this.#state = "trailers";
      return;
    }
    this.#bodyBytes += this.#chunkBytes;
    if (this.#bodyBytes > this.#limits.maxBodyBytes) {
      const text = `a body over ${this.#limits.maxBodyBytes} bytes`;
      throw new ProtocolError(413, "body_too_large", text);
    }
    this.#state = "data";
  }

  #data(bytes: Buffer, start: number, onChunk: OnChunk): number {
    const end = Math.min(bytes.length, start + this.#chunkBytes);
    this.#chunkBytes -= end - start;
    if (this.#chunkBytes === 0) this.#state = "dataReturn";
    pieces.add(bytes, { start, end }, onChunk);
    return end;
  }

  /** Keeps incomplete trailers, because they are made into one string. */
  #readTrailers(bytes: Buffer, start: number): number {
    const { maxHeadBytes } = this.#limits;
    const heldBytes = this.#heldTrailers?.byteLength ?? 0;
    const fresh = bytes.subarray(start, start + maxHeadBytes - heldBytes);
    this.#heldTrailers?.add(fresh);
    const section = this.#heldTrailers?.whole() ?? fresh;
    const end = this.#trailerSection.read(section, section.length);
    if (end >= 0) {
      const lines = section.toString("latin1", 0, end - 2);
      if (lines !== "") this.#trailers = HttpHeaders.fromCheckedLines(lines);
      this.#state = "done";
      this.#heldTrailers = undefined;
      return start + end - heldBytes;
    }
    // The bytes are valid for this call only.
    this.#heldTrailers ??= GrowingBytes.of(section);
    if (section.length === maxHeadBytes) {
      const text = `trailers over ${maxHeadBytes} bytes`;
      throw new ProtocolError(431, "head_too_large", text);
    }
    return start + fresh.length;
  }
}

function refuse(message: string): never {
  throw new ProtocolError(400, "chunk", message);
}
