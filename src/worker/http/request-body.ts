import { HttpError } from "./errors.ts";
import type { HttpHeaders } from "./headers.ts";

/** Who feeds a body, and is told when its reader wants more. */
export interface BodySource {
  onBodyRead(): void;
}

const EMPTY = Buffer.alloc(0);

type Waiter = {
  resolve: (result: IteratorResult<Buffer, undefined>) => void;
  reject: (error: Error) => void;
};

/**
 * The body of a request as it arrives. Read it once: as an async iterable of
 * chunks (the client is held back while you are busy), or whole with
 * `bytes()`, `text()` or `json()`, which may be called again.
 *
 * Reading throws what ended the body early: `RequestAborted`, or an
 * `HttpError` that says why it was refused.
 */
export class RequestBody implements AsyncIterable<Buffer> {
  #source: BodySource | undefined;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #state: "open" | "ended" | "failed" | "discarded" = "open";
  #failure: Error | undefined;
  #waiter: Waiter | undefined;
  #whole: Promise<Buffer> | undefined;
  #isRead = false;
  #hadContent = false;
  #trailers: HttpHeaders | undefined;

  constructor(source?: BodySource) {
    this.#source = source;
  }

  /** A body that is whole already. */
  static of(content?: string | Uint8Array): RequestBody {
    const body = new RequestBody();
    if (content?.length) body.push(Buffer.from(content));
    body.end();
    return body;
  }

  // --- for whoever reads it

  /** Whether a reader has begun. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Fields after the last chunk; there once the body is whole. */
  get trailers(): HttpHeaders | undefined {
    return this.#trailers;
  }

  bytes(): Promise<Buffer> {
    this.#whole ??= this.#collect();
    return this.#whole;
  }

  /** Decoded as UTF-8. @throws HttpError 400 where it is not UTF-8 */
  async text(): Promise<string> {
    const bytes = await this.bytes();
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new HttpError(400, "the body is not valid UTF-8", { cause });
    }
  }

  /** @throws HttpError 400 where it is not JSON */
  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new HttpError(400, "the body is not valid JSON", { cause });
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    if (this.#isRead && this.#hadContent) {
      throw new TypeError("the body has been read already");
    }
    this.#isRead = true;
    return {
      next: () => this.#next(),
      return: async () => {
        this.discard();
        return { done: true, value: undefined };
      },
    };
  }

  // --- for whoever feeds it

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Whether a reader is waiting for bytes that have not come. */
  get isStarving(): boolean {
    return this.#waiter !== undefined;
  }

  push(chunk: Buffer): void {
    if (this.#state !== "open" || chunk.length === 0) return;
    this.#hadContent = true;
    if (this.#waiter) {
      this.#wake({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
  }

  end(trailers?: HttpHeaders): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#trailers = trailers;
    this.#source = undefined;
    this.#wake({ done: true, value: undefined });
  }

  fail(error: Error): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#failure = error;
    this.#source = undefined;
    this.#drop();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(error);
  }

  /** Nobody wants what is left of it. */
  discard(): void {
    this.#drop();
    // Said once: its source may be busy with another body since.
    if (this.#state !== "open") return;
    this.#state = "discarded";
    this.#wake({ done: true, value: undefined });
    this.#source?.onBodyRead();
  }

  #next(): Promise<IteratorResult<Buffer, undefined>> {
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

  async #collect(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this) chunks.push(chunk);
    if (chunks.length === 0) return EMPTY;
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
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

/** What a request without a body has. */
export const EMPTY_BODY: RequestBody = RequestBody.of();
