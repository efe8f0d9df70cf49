/** Runs per response: what is whole at once is sent as a whole. */
import { HttpHeaders } from "../http/headers.ts";
import type { HttpRequest } from "../http/request.ts";
import { HttpResponse, type ResponseBody } from "../http/response.ts";
import { reasonPhrase } from "../http/status.ts";
import { UNKNOWN_CONTENT } from "./unknown-content.ts";

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type ReadResult = Awaited<ReturnType<Reader["read"]>>;

/**
 * What a handler in the style of `fetch` returned, as a response of ours.
 *
 * @throws TypeError for what is no `Response`, or none that can be sent
 */
export async function fromFetchResponse(
  response: Response,
  request: HttpRequest,
): Promise<HttpResponse> {
  checkResponse(response);
  const { status, statusText } = response;
  const headers = headersOf(response);
  const body = await bodyOf(response, request, headers);
  const isUsual = statusText === "" || statusText === reasonPhrase(status);
  const reason = isUsual ? {} : { reason: statusText };
  return new HttpResponse(body, { status, headers, ...reason });
}

/** By shape: there are other classes of that name. */
function checkResponse(response: unknown): asserts response is Response {
  const { status, headers, type, bodyUsed, body } = (response ??
    {}) as Partial<Response>;
  if (typeof status !== "number" || typeof headers?.get !== "function") {
    const what = response === null ? "null" : typeof response;
    throw new TypeError(`a fetch handler returns a Response, not ${what}`);
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

function headersOf({ headers: given }: Response): HttpHeaders {
  const headers = new HttpHeaders();
  given.forEach((value, name) => {
    // RFC 6265 §3: these must not be joined. How to send it is our affair.
    if (name === "set-cookie" || name === "transfer-encoding") return;
    headers.append(name, value);
  });
  for (const cookie of given.getSetCookie()) {
    headers.append("Set-Cookie", cookie);
  }
  return headers;
}

async function bodyOf(
  { body }: Response,
  { method }: HttpRequest,
  headers: HttpHeaders,
): Promise<ResponseBody> {
  if (method === "HEAD") {
    await body?.cancel();
    return headers.has("Content-Length") ? null : UNKNOWN_CONTENT;
  }
  return body === null ? null : contentOf(body.getReader());
}

/** Bytes where the stream has no more than one piece, and that at once. */
async function contentOf(reader: Reader): Promise<ResponseBody> {
  const first = await reader.read();
  if (first.done) return null;
  const second = reader.read();
  const known = await ifAtOnce(second);
  return known?.done ? first.value : new RestOfStream(first, second, reader);
}

/** The result, if it takes no more than a few microtasks. */
async function ifAtOnce(
  result: Promise<ReadResult>,
): Promise<ReadResult | undefined> {
  let known: ReadResult | undefined;
  result.then(
    (value) => {
      known = value;
    },
    () => {}, // whoever reads on hears of it
  );
  for (let i = 0; i < 3 && !known; i++) await undefined;
  return known;
}

/** A stream of which the beginning has been read. */
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

  /** Nobody takes the rest: as of a `Readable`. */
  destroy(): void {
    this.#read = [];
    this.#reader.cancel().catch(() => {}); // nobody waits for it
  }
}
