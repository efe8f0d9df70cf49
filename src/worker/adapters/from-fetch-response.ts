/** Runs per response: a body that is available at once is sent whole. */
import { UNKNOWN_LENGTH_CONTENT } from "../http/body/head-response-content.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { Answer } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse, type ResponseBody } from "../http/http-response.ts";
import { reasonPhrase } from "../http/http-status.ts";
import { type LightContent, LightResponse } from "./light-response.ts";
import { toHttpHeaders } from "./to-http-headers.ts";

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type ReadResult = Awaited<ReturnType<Reader["read"]>>;

/**
 * Converts the result of a fetch-style handler; synchronously if possible.
 *
 * @throws TypeError unless it is a `Response` that can be sent
 */
export function fromFetchResponse(
  response: Response,
  request: HttpRequest,
): Answer {
  checkObject(response);
  const content = LightResponse.contentOf(response);
  return content
    ? fromContent(content, request)
    : fromNative(response, request);
}

function fromContent(content: LightContent, request: HttpRequest): Answer {
  const { status, headers, body, emptiedBytes } = content;
  headers.delete("Transfer-Encoding");
  const isOpen = body === null && isWithoutLength(request, headers);
  if (isOpen && emptiedBytes !== undefined) {
    headers.set("Content-Length", String(emptiedBytes));
  }
  const isUnknown = isOpen && emptiedBytes === undefined;
  return new HttpResponse(isUnknown ? UNKNOWN_LENGTH_CONTENT : body, {
    status,
    headers,
  });
}

async function fromNative(
  response: Response,
  request: HttpRequest,
): Promise<HttpResponse> {
  checkResponse(response);
  const { status, statusText } = response;
  const headers = toHttpHeaders(response.headers);
  headers.delete("Transfer-Encoding"); // the server frames the body
  const body = await bodyOf(response, request, headers);
  const isUsual = statusText === "" || statusText === reasonPhrase(status);
  const reason = isUsual ? {} : { reason: statusText };
  return new HttpResponse(body, { status, headers, ...reason });
}

function checkObject(response: unknown): void {
  if (typeof response === "object" && response !== null) return;
  const what = response === null ? "null" : typeof response;
  throw new TypeError(`a fetch handler returns a Response, not ${what}`);
}

/** By shape, because there are several classes of that name. */
function checkResponse(response: Partial<Response>): void {
  const { status, headers, type, bodyUsed, body } = response;
  if (typeof status !== "number" || typeof headers?.get !== "function") {
    throw new TypeError("a fetch handler returns a Response, not an object");
  }
  if (type === "error" || status === 0) {
    throw new TypeError("Response.error() cannot be sent: it has no status");
  }
  if (bodyUsed || body?.locked) {
    throw new TypeError(
      "the body of the Response has been used already: to read it and send " +
        "it, read response.clone()",
    );
  }
}

async function bodyOf(
  { body }: Response,
  request: HttpRequest,
  headers: HttpHeaders,
): Promise<ResponseBody> {
  if (body !== null) return contentOf(body.getReader());
  return isWithoutLength(request, headers) ? UNKNOWN_LENGTH_CONTENT : null;
}

/** A response to HEAD must not declare a length that a GET may not have. */
function isWithoutLength({ method }: HttpRequest, headers: HttpHeaders) {
  return method === "HEAD" && !headers.has("Content-Length");
}

/** Bytes if the stream has one chunk that is available at once. */
async function contentOf(reader: Reader): Promise<ResponseBody> {
  const first = await reader.read();
  if (first.done) return null;
  const second = reader.read();
  const known = await ifSettled(second);
  return known?.done ? first.value : new RestOfStream(first, second, reader);
}

/** The result, if it settles within a few microtasks. */
async function ifSettled(
  result: Promise<ReadResult>,
): Promise<ReadResult | undefined> {
  let known: ReadResult | undefined;
  result.then(
    (value) => {
      known = value;
    },
    () => {}, // a later read gets the error
  );
  for (let i = 0; i < 3 && !known; i++) await undefined;
  return known;
}

/** A stream whose first chunk has been read. */
class RestOfStream implements AsyncIterableIterator<Uint8Array> {
  readonly #reader: Reader;
  #read: (ReadResult | Promise<ReadResult>)[];

  constructor(first: ReadResult, second: Promise<ReadResult>, reader: Reader) {
    this.#read = [first, second];
    this.#reader = reader;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const result = await (this.#read.shift() ?? this.#reader.read());
    if (result.done) return { done: true, value: undefined };
    return { done: false, value: result.value };
  }

  /** Drops the rest; the name is that of a `Readable`'s method. */
  destroy(): void {
    this.#read = [];
    this.#reader.cancel().catch(() => {}); // not awaited
  }
}
