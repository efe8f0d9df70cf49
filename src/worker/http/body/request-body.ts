/**
 * Runs per chunk. A body that is read whole when all of it has come costs one
 * promise; one that comes later costs two, and a copy into its place.
 */

import type { HttpHeaders } from "../fields/http-headers.ts";
import { HttpError } from "../http-error.ts";
import { decodeUtf8 } from "./decode-utf8.ts";
import { GrowingBytes } from "./growing-bytes.ts";

/** Who feeds a body, and is told when its reader wants more. */
export interface BodySource {
  onBodyRead(): void;
}

/** Whose bytes a body is given. */
export interface BytesLender {
  /** Whether they stay as they are: otherwise they must be copied. */
  mayKeep(chunk: Buffer): boolean;
}

/** An adapter's reader, which is served also after the answer. */
export interface LateReader {
  /** Whether the body is to come as a whole, though the answer is there. */
  readonly wantsRest: boolean;
  /**
   * It did not want the rest of a body that was still to come. That has been
   * received, and is gone, or has been cut.
   */
  onPassedOver(isWhole: boolean): void;
}

/** So many chunks that wait are joined: they may have a byte each. */
const MAX_WAITING_CHUNKS = 128;

type Waiter = {
  resolve: (result: IteratorResult<Buffer, undefined>) => void;
  reject: (error: Error) => void;
};

/** A reader that wants all of it at once. */
type Gathering = {
  readonly bytes: GrowingBytes;
  readonly resolve: (bytes: Buffer) => void;
  readonly reject: (error: Error) => void;
};

/**
 * The body of a request as it arrives. Read it once as an async iterable of
 * chunks: the client is held back while you are busy. Or read it whole with
 * `bytes()`, `text()` or `json()`: then it stays, and may be read again in any
 * way.
 *
 * Reading throws what ended the body early: `RequestAborted`, or an
 * `HttpError` that says why it was refused. It throws a `TypeError` where
 * chunks have been taken already: what is left is not the body.
 */
export class RequestBody implements AsyncIterable<Buffer> {
  #source: BodySource | undefined;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #state: "open" | "ended" | "failed" | "discarded" = "open";
  #failure: Error | undefined;
  #waiter: Waiter | undefined;
  #gathering: Gathering | undefined;
  #whole: Promise<Buffer> | undefined;
  /** All of it, where it had come before it was asked for. */
  #bytes: Buffer | undefined;
  #isRead = false;
  #receivedBytes = 0;
  readonly #declaredBytes: number | undefined;
  #maxBytes = Number.POSITIVE_INFINITY;
  #trailers: HttpHeaders | undefined;
  #lateReader: LateReader | undefined;
  #isPassedOver = false;

  /** @param declaredBytes its length, where that has been said */
  constructor(source?: BodySource, declaredBytes?: number) {
    this.#source = source;
    this.#declaredBytes = declaredBytes;
  }

  /** A body that is whole already. */
  static of(content?: string | Uint8Array): RequestBody {
    const body = new RequestBody();
    if (content?.length) body.#receive(Buffer.from(content));
    body.end();
    return body;
  }

  // --- for whoever reads it

  /** Whether a reader has begun. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Whether a reader has begun and may take it to its end yet. */
  get isBeingRead(): boolean {
    return this.#isRead && this.#state === "open";
  }

  /** For adapters, of a body that a client sends: there is one. */
  readLate(reader: LateReader): void {
    this.#lateReader = reader;
  }

  /** How long it is: as declared, or once all of it has come. */
  get byteLength(): number | undefined {
    if (this.#state === "ended") return this.#receivedBytes;
    return this.#declaredBytes;
  }

  /**
   * Who reads it gets an `HttpError` 413 where it is longer, at once where the
   * length is known, and no leave to send it is given. Until it is read each
   * call takes the place of the one before. More than the setting
   * `maxBodyBytes` allows never comes.
   *
   * @throws TypeError for what is not a number of bytes
   */
  limitTo(maxBytes: number): void {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
      throw new TypeError(
        `a body is limited to a whole number of bytes, 0 or more: ${maxBytes}`,
      );
    }
    this.#maxBytes = maxBytes;
  }

  /** @throws HttpError 413 where it is known to be over its limit */
  checkLimit(): void {
    if (this.#isOverLimit) throw this.#refuse();
  }

  /**
   * The fields after the last chunk (RFC 9110 §6.5), once the body has been
   * read to its end; undefined before, and where there are none. They are what
   * the client sent, and nothing else: a `Content-Length`, `Host` or
   * `Connection` among them means nothing to the server, and none of them gets
   * into the headers.
   */
  get trailers(): HttpHeaders | undefined {
    const isAtEnd = this.#state === "ended" && this.#chunks.length === 0;
    return this.#isRead && isAtEnd ? this.#trailers : undefined;
  }

  bytes(): Promise<Buffer> {
    this.#whole ??= this.#gather();
    return this.#whole;
  }

  /**
   * Decoded as UTF-8, without a byte order mark.
   *
   * @throws HttpError 400 where it is not UTF-8
   */
  async text(): Promise<string> {
    return decodeUtf8(this.#takeWhole() ?? (await this.bytes()), "the body");
  }

  /**
   * Parsed as JSON, whatever Content-Type says. A byte order mark is ignored
   * (RFC 8259 §8.1).
   *
   * @typeParam T what you expect: nothing checks that it is what was sent
   * @throws HttpError 400 where it is empty or not JSON
   */
  async json<T = unknown>(): Promise<T> {
    const text = decodeUtf8(
      this.#takeWhole() ?? (await this.bytes()),
      "the body",
    );
    if (text === "") throw new HttpError(400, "the body is empty, not JSON");
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new HttpError(400, "the body is not valid JSON", { cause });
    }
  }

  /** @throws TypeError where chunks have been taken already */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    if (this.#bytes || this.#whole) return onePiece(this.bytes());
    return this.#begin();
  }

  // --- for whoever feeds it

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Whether a reader is waiting for bytes that have not come. */
  get isStarving(): boolean {
    return this.#waiter !== undefined || this.#gathering !== undefined;
  }

  /**
   * Takes a chunk that is valid until this returns: what is kept is copied,
   * unless its lender says that it stays.
   */
  push(chunk: Buffer, lender?: BytesLender): void {
    if (this.#gathering) this.#add(chunk, this.#gathering);
    else if (this.#state === "open") {
      this.#receive(lender?.mayKeep(chunk) ? chunk : Buffer.from(chunk));
    }
  }

  #add(chunk: Buffer, { bytes }: Gathering): void {
    this.#receivedBytes += chunk.length;
    if (this.#isOverLimit) this.#refuse();
    else bytes.add(chunk);
  }

  #receive(chunk: Buffer): void {
    if (this.#state !== "open" || chunk.length === 0) return;
    this.#receivedBytes += chunk.length;
    // Before it is read the limit may change yet.
    if (this.#isRead && this.#isOverLimit) {
      this.#refuse();
      return;
    }
    if (this.#waiter) {
      this.#wake({ done: false, value: chunk });
      return;
    }
    if (this.#chunks.length === MAX_WAITING_CHUNKS) {
      this.#chunks = [Buffer.concat(this.#chunks)];
    }
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
  }

  /** Whether the rest is being read past, for nobody. */
  get isPassedOver(): boolean {
    return this.#isPassedOver;
  }

  /** Whether it is read on though its request has been answered. */
  get isReadLate(): boolean {
    return this.#state === "open" && this.#lateReader?.wantsRest === true;
  }

  end(trailers?: HttpHeaders): void {
    if (this.#isPassedOver) this.#tellPassedOver(true);
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#trailers = trailers;
    this.#source = undefined;
    this.#endReading();
  }

  fail(error: Error): void {
    if (this.#isPassedOver) this.#tellPassedOver(false);
    if (this.#state === "open") this.#fail(error);
  }

  /** Nobody gets the rest. Who reads on gets the error: it is not the end. */
  passOver(error: Error): void {
    if (this.#state !== "open") return;
    this.#isPassedOver = this.#lateReader !== undefined;
    this.#fail(error);
  }

  #tellPassedOver(isWhole: boolean): void {
    this.#isPassedOver = false;
    this.#lateReader?.onPassedOver(isWhole);
  }

  /** Nobody wants what is left of it. */
  discard(): void {
    this.#drop();
    // Said once: its source may be busy with another body since.
    if (this.#state !== "open") return;
    this.#state = "discarded";
    this.#endReading();
    this.#source?.onBodyRead();
  }

  #begin(): AsyncIterator<Buffer, undefined> {
    if (!this.#canBegin()) {
      throw new TypeError("the body has been read already");
    }
    this.#isRead = this !== EMPTY_BODY; // that of many requests
    if (this.#isOverLimit) this.#refuse();
    return {
      next: () => this.#next(),
      return: async () => {
        this.discard();
        return { done: true, value: undefined };
      },
    };
  }

  /** Whether who reads now gets all of it, or is told why not. */
  #canBegin(): boolean {
    switch (this.#state) {
      case "open":
        return !this.#isRead;
      case "ended":
        return !this.#isRead || this.#receivedBytes === 0;
      case "failed":
        return true;
      case "discarded":
        return false;
      default:
        return this.#state satisfies never;
    }
  }

  #next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#waiter) {
      const text = "the chunk that was asked for before has not come yet";
      return Promise.reject(new TypeError(text));
    }
    const chunk = this.#chunks.shift();
    if (chunk) {
      this.#bufferedBytes -= chunk.length;
      this.#source?.onBodyRead();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#state === "failed") return Promise.reject(this.#failure);
    if (this.#state !== "open") {
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#source?.onBodyRead();
    });
  }

  /** All of it where it has come and nobody has read, or it was taken so. */
  #takeWhole(): Buffer | undefined {
    if (this.#bytes || this.#state !== "ended") return this.#bytes;
    if (this.#isRead || this.#whole || this.#isOverLimit) return undefined;
    this.#isRead = this !== EMPTY_BODY; // that of many requests
    const [first, ...others] = this.#chunks;
    const isOne = first && others.length === 0;
    this.#bytes = isOne ? first : Buffer.concat(this.#chunks);
    this.#drop();
    return this.#bytes;
  }

  #gather(): Promise<Buffer> {
    const there = this.#takeWhole();
    if (there) return Promise.resolve(there);
    try {
      const reader = this.#begin();
      return this.#state === "open" ? this.#gatherRest() : allOf(reader);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #gatherRest(): Promise<Buffer> {
    const bytes = new GrowingBytes(this.#declaredBytes);
    for (const chunk of this.#chunks) bytes.add(chunk);
    this.#drop();
    return new Promise((resolve, reject) => {
      this.#gathering = { bytes, resolve, reject };
      this.#source?.onBodyRead();
    });
  }

  get #isOverLimit(): boolean {
    const knownBytes = Math.max(this.#declaredBytes ?? 0, this.#receivedBytes);
    return knownBytes > this.#maxBytes;
  }

  #refuse(): HttpError {
    const error = new HttpError(413, `a body over ${this.#maxBytes} bytes`);
    this.#fail(error);
    return error;
  }

  #fail(error: Error): void {
    this.#state = "failed";
    this.#failure = error;
    this.#source = undefined;
    this.#drop();
    const reader = this.#waiter ?? this.#gathering;
    this.#waiter = undefined;
    this.#gathering = undefined;
    reader?.reject(error);
  }

  #endReading(): void {
    this.#wake({ done: true, value: undefined });
    const gathering = this.#gathering;
    this.#gathering = undefined;
    gathering?.resolve(gathering.bytes.whole());
  }

  #wake(result: IteratorResult<Buffer, undefined>): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resolve(result);
  }

  #drop(): void {
    this.#chunks = [];
    this.#bufferedBytes = 0;
  }
}

/** Of a body that has ended, however it did. */
async function allOf(reader: AsyncIterator<Buffer, undefined>) {
  const bytes = new GrowingBytes();
  for (;;) {
    const { done, value } = await reader.next();
    if (done) return bytes.whole();
    bytes.add(value);
  }
}

async function* onePiece(
  whole: Promise<Buffer>,
): AsyncGenerator<Buffer, undefined> {
  const bytes = await whole;
  if (bytes.length > 0) yield bytes;
  return undefined;
}

/** What a request without a body has. */
export const EMPTY_BODY: RequestBody = RequestBody.of();
