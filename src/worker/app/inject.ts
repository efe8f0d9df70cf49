import { discardBody } from "../http/body/chunk-source.ts";
import { decodeUtf8 } from "../http/body/decode-utf8.ts";
import { type HeadersInit, HttpHeaders } from "../http/fields/http-headers.ts";
import type { Handler } from "../http/handler.ts";
import { HttpRequest, type HttpRequestInit } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";

export interface InjectOptions
  extends Pick<HttpRequestInit, "method" | "httpVersion" | "protocol"> {
  /** With or without a query. Default: "/". */
  readonly path?: string;
  /** Added to the path's own query. */
  readonly query?: Readonly<Record<string, string | number>> | URLSearchParams;
  /** `Host`, and the length and type of the body, are added. */
  readonly headers?: HttpHeaders | HeadersInit;
  /** A text, bytes or a form as they are, and all else as JSON. */
  readonly body?: unknown;
  /** Default: "127.0.0.1". */
  readonly remoteAddress?: string;
}

/** What an app answered. */
export interface InjectedResponse {
  readonly status: number;
  /** What the app set; what the server adds is not there, as `Date`. */
  readonly headers: HttpHeaders;
  /** The body, read to its end; it may be read again, in any way. */
  bytes(): Promise<Buffer>;
  text(): Promise<string>;
  json<T = unknown>(): Promise<T>;
}

/**
 * Runs a request through an app, without a socket: middleware, routes and
 * error handling. For tests.
 *
 * @param options or only the path
 * @throws TypeError for a path that does not begin with "/"
 */
export async function inject(
  app: { handle: Handler },
  options: InjectOptions | string = {},
): Promise<InjectedResponse> {
  const init = typeof options === "string" ? { path: options } : options;
  const request = await requestOf(init);
  const response = await app.handle(request);
  return new Injected(request, response);
}

class Injected implements InjectedResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly #request: HttpRequest;
  readonly #response: HttpResponse;
  #bytes: Promise<Buffer> | undefined = undefined;

  constructor(request: HttpRequest, response: HttpResponse) {
    this.status = response.status;
    this.headers = response.headers;
    this.#request = request;
    this.#response = response;
  }

  bytes(): Promise<Buffer> {
    this.#bytes ??= contentOf(this.#request, this.#response);
    return this.#bytes;
  }

  async text(): Promise<string> {
    return decodeUtf8(await this.bytes(), "the answer");
  }

  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.text());
  }
}

async function requestOf(options: InjectOptions): Promise<HttpRequest> {
  const { path, query, headers: fields, body, ...init } = options;
  const { bytes, type } = await encoded(body);
  const headers = new HttpHeaders(fields);
  const add = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value);
  };
  add("Host", "localhost");
  if (type !== undefined) add("Content-Type", type);
  if (bytes) add("Content-Length", String(bytes.length));
  return new HttpRequest({
    remoteAddress: "127.0.0.1",
    ...init,
    target: targetOf(path, query),
    headers,
    body: bytes,
  });
}

function targetOf(path = "/", query: InjectOptions["query"] = {}): string {
  if (!path.startsWith("/")) {
    throw new TypeError(`a path begins with "/": ${JSON.stringify(path)}`);
  }
  const isParsed = query instanceof URLSearchParams;
  const text = isParsed ? query : new URLSearchParams(texts(query));
  if (text.size === 0) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

function texts(
  record: Readonly<Record<string, string | number>>,
): [name: string, value: string][] {
  return Object.entries(record).map(([name, value]) => [name, String(value)]);
}

/** As bytes, with the type that Fetch gives it; JSON where Fetch has none. */
async function encoded(
  body: unknown,
): Promise<{ bytes?: Buffer; type?: string }> {
  if (body === undefined) return {};
  if (body instanceof Uint8Array) return { bytes: Buffer.from(body) };
  const isKnown =
    typeof body === "string" ||
    body instanceof URLSearchParams ||
    body instanceof FormData;
  const json = { headers: { "Content-Type": "application/json" } };
  const message = isKnown
    ? new Response(body)
    : new Response(JSON.stringify(body), json);
  const bytes = Buffer.from(await message.arrayBuffer());
  const type = message.headers.get("Content-Type");
  return type === null ? { bytes } : { bytes, type };
}

/** What a client would get of it (RFC 9110 §9.3.2, §15.3.5, §15.4.5). */
async function contentOf(
  { method }: HttpRequest,
  response: HttpResponse,
): Promise<Buffer> {
  const { body, status } = response;
  if (method === "HEAD" || status === 204 || status === 304) {
    discardBody(response);
    return Buffer.alloc(0);
  }
  if (body === null) return Buffer.alloc(0);
  if (typeof body === "string" || body instanceof Uint8Array) {
    return Buffer.from(body);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
