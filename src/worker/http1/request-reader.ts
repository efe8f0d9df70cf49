/**
 * Buffers the bytes of a connection and reads requests from them: a head, then
 * the content of its body. Knows no socket, no clock and no handler.
 */
import { GrowingBytes } from "../http/body/growing-bytes.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { BodyDecoder, OnChunk } from "./body/body-decoder.ts";
import { ChunkedDecoder } from "./body/chunked-decoder.ts";
import { LengthDecoder } from "./body/length-decoder.ts";
import { HeadParser } from "./head/head-parser.ts";
import type { RequestHead } from "./head/request-head.ts";
import type { ParserLimits } from "./parser-limits.ts";

const NOTHING = Buffer.alloc(0);

/**
 * Idle parsers, shared by all connections. A connection takes one for each head
 * and keeps it while the head is incomplete.
 */
export class ParserPool {
  readonly limits: ParserLimits;
  readonly #idle: HeadParser[] = [];

  constructor(limits: ParserLimits) {
    this.limits = limits;
  }

  take(): HeadParser {
    return this.#idle.pop() ?? new HeadParser(this.limits);
  }

  put(parser: HeadParser): void {
    this.#idle.push(parser);
  }
}

export class RequestReader {
  readonly #pool: ParserPool;
  #parser: HeadParser | undefined = undefined;
  #decoder: BodyDecoder | undefined = undefined;
  /** Unread from `#at` on. */
  #bytes: Buffer = NOTHING;
  #at = 0;
  /** The owner of `#bytes` once they are copied; undefined for a chunk. */
  #held: GrowingBytes | undefined = undefined;

  constructor(pool: ParserPool) {
    this.#pool = pool;
  }

  /** @param chunk valid until `keepUnread` is called */
  append(chunk: Buffer): void {
    if (this.unreadBytes === 0) {
      this.#forgetBytes();
      this.#bytes = chunk;
      return;
    }
    if (this.#at > 0) this.#dropRead();
    this.#held ??= GrowingBytes.of(this.#bytes);
    this.#held.add(chunk);
    this.#bytes = this.#held.whole();
  }

  /** Copies unread bytes out of the chunk: they outlive it. */
  keepUnread(): void {
    if (this.#bytes === NOTHING || (this.#held && this.#at === 0)) return;
    this.#held = GrowingBytes.of(this.#bytes.subarray(this.#at));
    this.#bytes = this.#held.whole();
    this.#at = 0;
  }

  get unreadBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** Returns a copy of the unread bytes and forgets them. */
  takeUnread(): Buffer {
    const unread = Buffer.from(this.#bytes.subarray(this.#at));
    this.#forgetBytes();
    return unread;
  }

  /** Whether a head has begun and is incomplete. */
  get isInHead(): boolean {
    return this.#parser?.hasBegun(this.#bytes) ?? false;
  }

  /** Whether the head that is incomplete or was refused is a HEAD request. */
  get isForHead(): boolean {
    return this.#parser?.isForHead(this.#bytes) ?? false;
  }

  /** @returns undefined while more is needed. @throws ProtocolError */
  readHead(): RequestHead | undefined {
    if (this.#at === this.#bytes.length) return undefined;
    let parser = this.#parser;
    if (!parser) {
      parser = this.#pool.take();
      parser.restart(this.#at);
      this.#parser = parser;
    }
    const head = parser.parse(this.#bytes);
    if (!head) {
      this.#keepRest(parser);
      return undefined;
    }
    this.#at = parser.endOffset;
    this.#parser = undefined;
    this.#pool.put(parser);
    if (this.#at === this.#bytes.length) this.#forgetBytes();
    return head;
  }

  /** @throws ProtocolError 413 */
  beginBody(framing: RequestHead["framing"]): void {
    const { limits } = this.#pool;
    this.#decoder =
      framing === "chunked"
        ? new ChunkedDecoder(limits)
        : new LengthDecoder(framing, limits);
  }

  /** Reads the part of the body that has come. @throws ProtocolError */
  readBody(onChunk: OnChunk): void {
    if (!this.#decoder || this.unreadBytes === 0) return;
    this.#at = this.#decoder.decode(this.#bytes, this.#at, onChunk);
    if (this.#at === this.#bytes.length) this.#forgetBytes();
  }

  get isBodyDone(): boolean {
    return this.#decoder?.isDone ?? true;
  }

  /** Bytes of the body that are to come; infinity if that is not known. */
  get bodyRemainingBytes(): number {
    return this.#decoder?.remainingBytes ?? 0;
  }

  get trailers(): HttpHeaders | undefined {
    return this.#decoder?.trailers;
  }

  endBody(): void {
    this.#decoder = undefined;
  }

  /** Releases all memory: nothing more will be read. */
  close(): void {
    this.#parser = undefined;
    this.#decoder = undefined;
    this.#forgetBytes();
  }

  /** `append` moves an incomplete head to offset 0: parses it from there. */
  #keepRest(parser: HeadParser): void {
    if (this.#at === 0) return;
    this.#dropRead();
    parser.restart();
    parser.parse(this.#bytes);
  }

  #dropRead(): void {
    this.#bytes = this.#bytes.subarray(this.#at);
    this.#at = 0;
    this.#held = undefined;
  }

  #forgetBytes(): void {
    this.#bytes = NOTHING;
    this.#at = 0;
    this.#held = undefined;
  }
}
