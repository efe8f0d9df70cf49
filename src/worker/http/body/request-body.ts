/**
 * Runs per chunk. Reading a whole body that has already arrived costs one
 * promise; reading one that arrives later costs two, and one copy.
 */
import {
  type TransitionTable,
  transition,
} from "../../../shared/state-machine.ts";
import type { HttpHeaders } from "../fields/http-headers.ts";
import { HttpError } from "../http-error.ts";
import { BODY_END, type BodyChunk, BodyReader } from "./body-reader.ts";
import type { BodySource, BytesLender, LateReader } from "./body-source.ts";
import { ChunkBuffer } from "./chunk-buffer.ts";
import { decodeUtf8 } from "./decode-utf8.ts";
import { GrowingBytes } from "./growing-bytes.ts";

/**
 *   state      | the body
 *   open       | is being received
 *   ended      | has been received to its end
 *   failed     | ended early, was refused, or came after the response
 *   passedOver | failed for its reader; the rest is received and dropped
 *   discarded  | is no longer wanted by its reader
 */
type State = "open" | "ended" | "failed" | "passedOver" | "discarded";

/** A limit may fail a body in any state. */
const TRANSITIONS: TransitionTable<State> = {
  open: ["ended", "failed", "passedOver", "discarded"],
  ended: ["failed"],
  failed: ["failed"],
  passedOver: ["failed"],
  discarded: ["failed"],
};

/**
 * The body of a request as it arrives. Read it once as an async iterable of
 * chunks: a busy reader slows the client down. Or read it whole with `bytes()`,
 * `text()` or `json()`: then it is kept, and may be read again in any way.
 *
 * Reading throws the error that ended the body early: `RequestAborted`, or an
 * `HttpError` with the reason of the refusal. It throws a `TypeError` if chunks
 * have been taken already, because the rest is not the body.
 */
export class RequestBody implements AsyncIterable<Buffer> {
  #source: BodySource | undefined;
  readonly #chunks = new ChunkBuffer();
  #state: State = "open";
  #failure: Error | undefined;
  /** Undefined until the body is read. */
  #reader: BodyReader | undefined;
  #whole: Promise<Buffer> | undefined;
  /** The whole body, if it had arrived before it was asked for. */
  #bytes: Buffer | undefined;
  #receivedBytes = 0;
  readonly #declaredBytes: number | undefined;
  #maxBytes = Number.POSITIVE_INFINITY;
  #trailers: HttpHeaders | undefined;
  #lateReader: LateReader | undefined;

  /** @param declaredBytes the length announced in the head, if any */
  constructor(source?: BodySource, declaredBytes?: number) {
    this.#source = source;
    this.#declaredBytes = declaredBytes;
  }

  /** A body that is complete already. */
  static of(content?: string | Uint8Array): RequestBody {
    const body = new RequestBody();
    if (content?.length) body.#receive(Buffer.from(content));
    body.end();
    return body;
  }

  // --- for the reader

  /** Whether a reader has begun. */
  get isRead(): boolean {
    return this.#reader !== undefined;
  }

  /** Whether a reader has begun and the body may still arrive. */
  get isBeingRead(): boolean {
    return this.isRead && this.#state === "open";
  }

  /** For adapters: registers the reader of a body that a client sends. */
  readLate(reader: LateReader): void {
    this.#lateReader = reader;
  }

  /** The declared length, or the actual one once the body has arrived. */
  get byteLength(): number | undefined {
    if (this.#state === "ended") return this.#receivedBytes;
    return this.#declaredBytes;
  }

  /**
   * Limits the body: a reader of a longer one gets an `HttpError` 413, at once
   * if the length is declared, in which case no 100 (Continue) is sent. Until
   * the body is read, each call replaces the limit of the one before. The
   * setting `maxBodyBytes` applies in any case.
   *
   * @throws TypeError unless it is a whole number of bytes, 0 or more
   */
  limitTo(maxBytes: number): void {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
      throw new TypeError(
        `a body is limited to a whole number of bytes, 0 or more: ${maxBytes}`,
      );
    }
    this.#maxBytes = maxBytes;
  }

  /** @throws HttpError 413 where it is known to exceed its limit */
  checkLimit(): void {
    if (this.#isOverLimit) throw this.#refuse();
  }

  /**
   * The fields after the last chunk (RFC 9110 §6.5) once the body has been read
   * to its end; undefined before that, and if there are none. The server does
   * not act on them: a `Content-Length`, `Host` or `Connection` among them has
   * no effect, and none is merged into the headers.
   */
  get trailers(): HttpHeaders | undefined {
    const isAtEnd = this.#state === "ended" && this.bufferedBytes === 0;
    return this.isRead && isAtEnd ? this.#trailers : undefined;
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
   * Parsed as JSON, regardless of Content-Type. A byte order mark is ignored
   * (RFC 8259 §8.1).
   *
   * @typeParam T the expected type, which is not checked
   * @throws HttpError 400 where it is empty or not JSON
   */
  async json<T = unknown>(): Promise<T> {
    const bytes = this.#takeWhole() ?? (await this.bytes());
    const text = decodeUtf8(bytes, "the body");
    if (text === "") throw new HttpError(400, "the body is empty, not JSON");
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new HttpError(400, "the body is not valid JSON", { cause });
    }
  }

  /** @throws TypeError where chunks have been taken already */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    if (this.#bytes || this.#whole) return singleChunk(this.bytes());
    return this.#begin();
  }

  // --- for the connection

  get bufferedBytes(): number {
    return this.#chunks.byteLength;
  }

  /** Whether a reader waits for bytes that have not arrived. */
  get isStarving(): boolean {
    return this.#reader?.isStarving === true;
  }

  /**
   * Takes a chunk that is valid until this returns. It is copied, unless its
   * lender lets it be kept.
   */
  push(chunk: Buffer, lender?: BytesLender): void {
    const gathered = this.#reader?.gathered;
    if (gathered) this.#gatherChunk(chunk, gathered);
    else if (this.#state === "open") {
      this.#receive(lender?.mayKeep(chunk) ? chunk : Buffer.from(chunk));
    }
  }

  #gatherChunk(chunk: Buffer, bytes: GrowingBytes): void {
    this.#receivedBytes += chunk.length;
    if (this.#isOverLimit) this.#refuse();
    else bytes.add(chunk);
  }

  #receive(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#receivedBytes += chunk.length;
    // Until the body is read the limit may still change.
    if (this.isRead && this.#isOverLimit) this.#refuse();
    else if (this.#reader?.isWaiting) {
      this.#reader.give({ done: false, value: chunk });
    } else this.#chunks.add(chunk);
  }

  /** Whether the rest is received after the response, and dropped. */
  get isPassedOver(): boolean {
    return this.#state === "passedOver";
  }

  /** Whether it is still read although the response has been sent. */
  get isReadLate(): boolean {
    return this.#state === "open" && this.#lateReader?.wantsRest === true;
  }

  end(trailers?: HttpHeaders): void {
    if (this.#state === "passedOver") this.#endPassingOver(true);
    if (this.#state !== "open") return;
    this.#move("ended");
    this.#trailers = trailers;
    this.#source = undefined;
    this.#reader?.end();
  }

  fail(error: Error): void {
    if (this.#state === "passedOver") this.#endPassingOver(false);
    if (this.#state === "open") this.#fail(error, "failed");
  }

  /** Drops the rest. A reader gets the error, because it is not the end. */
  passOver(error: Error): void {
    if (this.#state !== "open") return;
    this.#fail(error, this.#lateReader ? "passedOver" : "failed");
  }

  #endPassingOver(isWhole: boolean): void {
    this.#move("failed");
    this.#lateReader?.onPassedOver(isWhole);
  }

  /** The reader wants no more of it. */
  discard(): void {
    this.#chunks.clear();
    // Only once: the source may deliver another body since.
    if (this.#state !== "open") return;
    this.#move("discarded");
    this.#reader?.end();
    this.#source?.onBodyRead();
  }

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

  /** Marks it as read; the empty body is shared by many requests. */
  #beginReading(): void {
    if (this !== EMPTY_BODY) this.#reader ??= new BodyReader();
  }

  #begin(): AsyncIterator<Buffer, undefined> {
    if (!this.#canBegin()) {
      throw new TypeError("the body has been read already");
    }
    this.#beginReading();
    if (this.#isOverLimit) this.#refuse();
    return {
      next: () => this.#next(),
      return: async () => {
        this.discard();
        return BODY_END;
      },
    };
  }

  /** Whether a new reader gets the whole body, or its error. */
  #canBegin(): boolean {
    switch (this.#state) {
      case "open":
        return !this.isRead;
      case "ended":
        return !this.isRead || this.#receivedBytes === 0;
      case "failed":
      case "passedOver":
        return true;
      case "discarded":
        return false;
      default:
        return this.#state satisfies never;
    }
  }

  #next(): Promise<BodyChunk> {
    if (this.#reader?.isWaiting) {
      const text = "the chunk that was asked for before has not come yet";
      return Promise.reject(new TypeError(text));
    }
    const chunk = this.#chunks.shift();
    if (chunk) {
      this.#source?.onBodyRead();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#hasFailed) return Promise.reject(this.#failure);
    if (this.#state !== "open") return Promise.resolve(BODY_END);
    const next = (this.#reader as BodyReader).waitForChunk();
    this.#source?.onBodyRead();
    return next;
  }

  get #hasFailed(): boolean {
    return this.#state === "failed" || this.#state === "passedOver";
  }

  /** The whole body, if it has arrived unread or was taken so before. */
  #takeWhole(): Buffer | undefined {
    if (this.#bytes || this.#state !== "ended") return this.#bytes;
    if (this.isRead || this.#whole || this.#isOverLimit) return undefined;
    this.#beginReading();
    this.#bytes = this.#chunks.whole();
    this.#chunks.clear();
    return this.#bytes;
  }

  #gather(): Promise<Buffer> {
    const whole = this.#takeWhole();
    if (whole) return Promise.resolve(whole);
    try {
      const chunks = this.#begin();
      return this.#state === "open" ? this.#gatherRest() : joined(chunks);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #gatherRest(): Promise<Buffer> {
    const bytes = new GrowingBytes(this.#declaredBytes);
    for (const chunk of this.#chunks.chunks) bytes.add(chunk);
    this.#chunks.clear();
    const whole = (this.#reader as BodyReader).waitForAll(bytes);
    this.#source?.onBodyRead();
    return whole;
  }

  get #isOverLimit(): boolean {
    const knownBytes = Math.max(this.#declaredBytes ?? 0, this.#receivedBytes);
    return knownBytes > this.#maxBytes;
  }

  #refuse(): HttpError {
    const error = new HttpError(413, `a body over ${this.#maxBytes} bytes`);
    if (this.#state === "passedOver") this.#failure = error;
    else this.#fail(error, "failed");
    return error;
  }

  #fail(error: Error, state: "failed" | "passedOver"): void {
    this.#move(state);
    this.#failure = error;
    this.#source = undefined;
    this.#chunks.clear();
    this.#reader?.fail(error);
  }
}

/** The bytes of a body that is no longer open. */
async function joined(chunks: AsyncIterator<Buffer, undefined>) {
  const bytes = new GrowingBytes();
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) return bytes.whole();
    bytes.add(value);
  }
}

async function* singleChunk(
  whole: Promise<Buffer>,
): AsyncGenerator<Buffer, undefined> {
  const bytes = await whole;
  if (bytes.length > 0) yield bytes;
  return undefined;
}

/** The body of all requests without one. */
export const EMPTY_BODY: RequestBody = RequestBody.of();
