/**
 * Runs per request. Stands in for a `Request`; the expensive native one is made
 * for properties that are missing here. `replaceGlobals()` makes the two
 * interchangeable.
 */

import type { LateReader } from "../http/body/body-source.ts";
import { EMPTY_BODY, type RequestBody } from "../http/body/request-body.ts";
import { RequestAborted } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { nativeFetchApi } from "./native-fetch-api.ts";
import { requestUrl } from "./request-url.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const DECODER = new TextDecoder();
const EMPTY = new Uint8Array(0);

/** Methods that a `Request` converts to upper case. */
const NORMAL_METHODS = /^(?:delete|get|head|options|post|put)$/i;

type Inspect = (value: unknown, options: object) => string;

export class LightRequest {
  readonly #served: HttpRequest;
  readonly #body: RequestBody | undefined;
  readonly #url: string;
  #headers: Headers | undefined = undefined;
  #native: Request | undefined = undefined;
  #signal: AbortSignal | undefined = undefined;
  /** Whether the body has been read without the native request. */
  #isRead = false;

  /** @throws HttpError 400 where target and Host make no URL */
  constructor(served: HttpRequest) {
    const { method, body } = served;
    this.#served = served;
    this.#url = requestUrl(served);
    // Fetch allows no body with these, even if the client sends one.
    const hasNone = method === "GET" || method === "HEAD";
    this.#body = hasNone || body === EMPTY_BODY ? undefined : body;
    this.#body?.readLate(new LightReader(this.#body, this));
  }

  /** The native request for a light one. @throws TypeError where it was read */
  static unwrap<T>(value: T): T | Request {
    if (!isLight(value)) return value;
    if (value.#isRead) throw unusable();
    return value.#nativeRequest();
  }

  /** Whether the body's stream has a reader. */
  static isLocked(request: LightRequest): boolean {
    return request.#native?.body?.locked === true;
  }

  get method(): string {
    const { method } = this.#served;
    return NORMAL_METHODS.test(method) ? method.toUpperCase() : method;
  }

  get url(): string {
    return this.#url;
  }

  get headers(): Headers {
    this.#headers ??= this.#native?.headers ?? new Headers(this.#pairs());
    return this.#headers;
  }

  get signal(): AbortSignal {
    this.#signal ??= clientSignal(this.#served);
    return this.#signal;
  }

  get body(): ReadableStream | null {
    return this.#body ? this.#nativeRequest().body : null;
  }

  get bodyUsed(): boolean {
    return this.#isRead || (this.#native?.bodyUsed ?? false);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#native) return this.#native.arrayBuffer();
    const bytes = await this.#bytes();
    return Uint8Array.from(bytes).buffer;
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async text(): Promise<string> {
    if (this.#native) return this.#native.text();
    return DECODER.decode(await this.#bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  blob(): Promise<Blob> {
    return this.#withBody().blob();
  }

  formData(): Promise<FormData> {
    return this.#withBody().formData();
  }

  clone(): Request {
    return this.#withBody().clone();
  }

  /** For properties that only the native request has. */
  native(): Request {
    return this.#nativeRequest();
  }

  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return inspect(this.#nativeRequest(), options);
  }

  async #bytes(): Promise<Uint8Array> {
    if (!this.#body) return EMPTY;
    if (this.#isRead) throw unusable();
    this.#isRead = true;
    return this.#body.bytes();
  }

  #withBody(): Request {
    if (this.#isRead) throw unusable();
    return this.#nativeRequest();
  }

  #nativeRequest(): Request {
    this.#native ??= new (nativeFetchApi().Request)(this.#url, this.#init());
    // It contains the changes to the headers before it.
    this.#headers = this.#native.headers;
    return this.#native;
  }

  #init(): RequestInit {
    const { method } = this.#served;
    const { signal } = this;
    const headers = this.#headers ?? this.#pairs();
    const init: RequestInit = { method, headers, signal };
    if (!this.#body || this.#isRead) return init;
    return { ...init, body: streamOf(this.#body), duplex: "half" };
  }

  #pairs(): [string, string][] {
    const pairs: [string, string][] = [];
    this.#served.headers.forEachLine((name, value) => {
      pairs.push([name, value]);
    });
    return pairs;
  }
}

/**
 * Decides whether a body is read after the response: by a reader that waits for
 * bytes, or has locked the stream and is about to. A reader that stopped in the
 * middle may never continue.
 */
class LightReader implements LateReader {
  readonly #body: RequestBody;
  readonly #request: LightRequest;
  #isWanted = false;

  constructor(body: RequestBody, request: LightRequest) {
    this.#body = body;
    this.#request = request;
  }

  get wantsRest(): boolean {
    const { isStarving, isRead } = this.#body;
    this.#isWanted ||=
      isStarving || (!isRead && LightRequest.isLocked(this.#request));
    return this.#isWanted;
  }

  /** A reader that begins now gets an error. */
  onPassedOver(): void {}
}

/**
 * Aborts as the request's own signal does, and also when the client half-closes
 * the connection: that is how most clients leave. The response is sent in case
 * the client still reads.
 */
function clientSignal(served: HttpRequest): AbortSignal {
  const controller = new AbortController();
  served.whenAborted((reason) => controller.abort(reason));
  served.whenClientEnded(() => {
    controller.abort(new RequestAborted("the client ended its side"));
  });
  return controller.signal;
}

function isLight(value: unknown): value is LightRequest {
  return value instanceof LightRequest;
}

function unusable(): TypeError {
  return new TypeError("Body is unusable: it has already been read");
}

/** Reads nothing in advance, because reading sends 100 (Continue). */
function streamOf(body: RequestBody): ReadableStream<Uint8Array> {
  let iterator: AsyncIterator<Buffer> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        iterator ??= body[Symbol.asyncIterator]();
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        body.discard();
      },
    },
    { highWaterMark: 0 },
  );
}
