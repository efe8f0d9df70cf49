/**
 * What a connection receives, as requests: buffers bytes, gives heads, then
 * the content of their bodies. Knows no socket, no clock and no handler.
 */
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { BodyDecoder, OnChunk } from "./body/body-decoder.ts";
import { bodyDecoderFor } from "./body/body-decoder-for.ts";
import { HeadParser } from "./head/head-parser.ts";
import type { RequestHead } from "./head/request-head.ts";
import type { ParserLimits } from "./limits.ts";

const NOTHING = Buffer.alloc(0);

/**
 * Parsers that are between two heads. Heads mostly come whole, so connections
 * share a few; one that waits for the rest of a head keeps its own.
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
  #bytes: Buffer = NOTHING;
  #at = 0;

  constructor(pool: ParserPool) {
    this.#pool = pool;
  }

  append(chunk: Buffer): void {
    const rest = this.#at ? this.#bytes.subarray(this.#at) : this.#bytes;
    this.#bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk;
    this.#at = 0;
  }

  /** Copies what is not read yet: the chunk it is in is about to go. */
  keepUnread(): void {
    if (this.#bytes === NOTHING) return;
    this.#bytes = Buffer.from(this.#bytes.subarray(this.#at));
    this.#at = 0;
  }

  /** Bytes that have come and are not read. */
  get unreadBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** Copies what is not read yet, and forgets it. */
  takeUnread(): Buffer {
    const unread = Buffer.from(this.#bytes.subarray(this.#at));
    this.#forgetBytes();
    return unread;
  }

  /** Whether a head has begun and is not whole. */
  get isInHead(): boolean {
    return this.#parser?.hasBegun ?? false;
  }

  /** Whether the head that has begun, or was refused, is of HEAD. */
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
    this.#decoder = bodyDecoderFor(framing, this.#pool.limits);
  }

  /** Reads what there is of the body. @throws ProtocolError */
  readBody(onChunk: OnChunk): void {
    if (!this.#decoder || this.unreadBytes === 0) return;
    this.#at = this.#decoder.decode(this.#bytes, this.#at, onChunk);
    if (this.#at === this.#bytes.length) this.#forgetBytes();
  }

  get isBodyDone(): boolean {
    return this.#decoder?.isDone ?? true;
  }

  /** Bytes still to come of the body, infinity where that is not known. */
  get bodyRemainingBytes(): number {
    return this.#decoder?.remainingBytes ?? 0;
  }

  get trailers(): HttpHeaders | undefined {
    return this.#decoder?.trailers;
  }

  /** The next head follows. */
  endBody(): void {
    this.#decoder = undefined;
  }

  /** Gives back what it holds: nothing more will be read. */
  close(): void {
    this.#parser = undefined;
    this.#decoder = undefined;
    this.#forgetBytes();
  }

  /** A head in pieces begins at offset 0, where `append` leaves it. */
  #keepRest(parser: HeadParser): void {
    if (this.#at === 0) return;
    this.#bytes = this.#bytes.subarray(this.#at);
    this.#at = 0;
    parser.restart();
    parser.parse(this.#bytes);
  }

  #forgetBytes(): void {
    this.#bytes = NOTHING;
    this.#at = 0;
  }
}
