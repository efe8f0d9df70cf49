/** Runs per response of a hosted app. */
import type { ServerResponse } from "node:http";
import {
  CHUNKED_CONTENT,
  UNKNOWN_LENGTH_CONTENT,
} from "../http/body/head-response-content.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { ResponseTrailers } from "../http/fields/response-trailers.ts";
import { HttpResponse, type ResponseBody } from "../http/http-response.ts";
import { reasonPhrase } from "../http/http-status.ts";
import { type Chunk, ChunkQueue, type ChunkQueueOwner } from "./chunk-queue.ts";
import { addedTrailers, endedLength, hasTrailers } from "./node-response.ts";

/** With a status that HTTP leaves undefined (RFC 9110 §15): 600 to 999. */
class OddResponse extends HttpResponse {
  override readonly status: number;

  constructor(
    status: number,
    ...given: ConstructorParameters<typeof HttpResponse>
  ) {
    super(...given);
    this.status = status;
  }
}

const MAX_STATUS = 599;

/** The response as far as the app has written it. */
export class WrittenResponse implements ResponseTrailers {
  readonly #outgoing: ServerResponse;
  #status = 200;
  #reason: string | undefined = undefined;
  #headers: HttpHeaders | undefined = undefined;
  /** Content written before streaming began. */
  #content: Chunk | null = null;
  #queue: ChunkQueue | undefined = undefined;
  /** Whether a GET gets it chunked, although it is there as a whole. */
  #isChunked = false;

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing;
  }

  /** Bytes that the connection has not taken yet. */
  get queuedBytes(): number {
    return this.#queue?.queuedBytes ?? 0;
  }

  setHead(status: number, phrase: string, headers: HttpHeaders): void {
    this.#status = status;
    this.#reason = phrase === reasonPhrase(status) ? undefined : phrase;
    this.#headers = headers;
  }

  push(chunk: Chunk): void {
    if (chunk.length === 0) return;
    if (this.#queue) this.#queue.push(chunk);
    else this.#content = chunk;
  }

  /** The app has set Transfer-Encoding, or writes in several calls. */
  markChunked(): void {
    this.#isChunked = true;
  }

  /** The response with the content so far; the rest is streamed. */
  stream(owner: ChunkQueueOwner): HttpResponse {
    this.#queue = new ChunkQueue(owner);
    if (this.#content !== null) this.#queue.push(this.#content);
    return this.#made(this.#queue).setTrailers(this);
  }

  endStream(): void {
    this.#queue?.end();
  }

  failStream(error: Error): void {
    this.#queue?.fail(error);
  }

  /** The response, which has ended in one call. */
  whole(isHead: boolean): HttpResponse {
    if (isHead) return this.#made(this.#headContent());
    if (!this.#isChunked && !hasTrailers(this.#outgoing)) {
      return this.#made(this.#content);
    }
    // With trailers, even none, content is sent in chunks.
    return this.#made(this.#content ?? "").setTrailers(this);
  }

  /** Called when all content has been sent. */
  fields(): HttpHeaders {
    return addedTrailers(this.#outgoing);
  }

  #made(body: ResponseBody): HttpResponse {
    const headers = this.#headers as HttpHeaders;
    const reason = this.#reason;
    const status = this.#status;
    const named = reason === undefined ? {} : { reason };
    if (status > MAX_STATUS) {
      return new OddResponse(status, body, { headers, ...named });
    }
    return new HttpResponse(body, { status, headers, ...named });
  }

  /** No content, but the framing that a GET would get (RFC 9110 §9.3.2). */
  #headContent(): ResponseBody {
    const headers = this.#headers as HttpHeaders;
    if (headers.has("Content-Length")) return null;
    const outgoing = this.#outgoing;
    if (this.#isChunked || hasTrailers(outgoing)) return CHUNKED_CONTENT;
    const length = endedLength(outgoing);
    // An empty `end()` to HEAD does not mean that a GET has no content.
    if (length === 0) return UNKNOWN_LENGTH_CONTENT;
    headers.set("Content-Length", String(length));
    return null;
  }
}
