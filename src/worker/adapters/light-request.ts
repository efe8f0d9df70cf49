/**
 * Runs per request. A `Request` of which the native one, which is dear, is made
 * when something needs it that is not here. `replaceGlobals()` makes it one.
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

/** A `Request` writes these in upper case, whatever the client sent. */
const NORMAL_METHODS = /^(?:delete|get|head|options|post|put)$/i;

type Inspect = (value: unknown, options: object) => string;

export class LightRequest {
  readonly #served: HttpRequest;
  readonly #body: RequestBody | undefined;
  readonly #url: string;
  #headers: Headers | undefined = undefined;
  #native: Request | undefined = undefined;
  #signal: AbortSignal | undefined = undefined;
  /** Whether the body has been read past the native one. */
  #isRead = false;

  /** @throws HttpError 400 where target and Host make no URL */
  constructor(served: HttpRequest) {
    const { method, body } = served;
    this.#served = served;
    this.#url = requestUrl(served);
    // A Request has no body with these, whatever the client sends.
    const hasNone = method === "GET" || method === "HEAD";
    this.#body = hasNone || body === EMPTY_BODY ? undefined : body;
    this.#body?.readLate(new Reading(this.#body, this));
  }

  /** What natives take in its place. @throws TypeError when it has been read */
  static unwrap<T>(value: T): T | Request {
    if (!isLight(value)) return value;
    if (value.#isRead) throw unusable();
    return value.#nativeOne();
  }

  /** Whether the stream of its body has a reader. */
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
    this.#signal ??= waitingSignal(this.#served);
    return this.#signal;
  }

  get body(): ReadableStream | null {
    return this.#body ? this.#nativeOne().body : null;
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

  /** For properties that only the native one has. */
  native(): Request {
    return this.#nativeOne();
  }

  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return inspect(this.#nativeOne(), options);
  }

  async #bytes(): Promise<Uint8Array> {
    if (!this.#body) return EMPTY;
    if (this.#isRead) throw unusable();
    this.#isRead = true;
    return this.#body.bytes();
  }

  #withBody(): Request {
    if (this.#isRead) throw unusable();
    return this.#nativeOne();
  }

  #nativeOne(): Request {
    this.#native ??= new (nativeFetchApi().Request)(this.#url, this.#init());
    // What was changed in the one before is in it.
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
 * A reader that waits for bytes when the answer is there takes them to the end,
 * as does one that is just about to ask. One that has read a part and waits for
 * nothing may never ask again.
 */
class Reading implements LateReader {
  readonly #body: RequestBody;
  readonly #request: LightRequest;
  #goesOn = false;

  constructor(body: RequestBody, request: LightRequest) {
    this.#body = body;
    this.#request = request;
  }

  get wantsRest(): boolean {
    const { isStarving, isRead } = this.#body;
    this.#goesOn ||=
      isStarving || (!isRead && LightRequest.isLocked(this.#request));
    return this.#goesOn;
  }

  /** A reader that begins now is told by an error. */
  onPassedOver(): void {}
}

/**
 * Aborts as the request's own does, and where the client ends its side while it
 * waits: that is how most clients leave. One that still reads gets what the
 * handler answers all the same.
 */
function waitingSignal(served: HttpRequest): AbortSignal {
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

/** Asks for nothing before somebody reads it: that is when 100 is sent. */
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
