import { discardBody } from "../http/body/chunk-source.ts";
import { decodeUtf8 } from "../http/body/decode-utf8.ts";
import { type HeadersInit, HttpHeaders } from "../http/fields/http-headers.ts";
import type { Handler } from "../http/handler.ts";
import { HttpRequest, type HttpRequestInit } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";

export interface InjectOptions
  extends Pick<HttpRequestInit, "method" | "httpVersion" | "protocol"> {
  /** Path, with or without a query. Default: "/". */
  readonly path?: string;
  /** Parameters appended to the query of the path. */
  readonly query?: Readonly<Record<string, string | number>> | URLSearchParams;
  /** `Host`, `Content-Length` and `Content-Type` are added if missing. */
  readonly headers?: HttpHeaders | HeadersInit;
  /** A text, bytes or a form is sent as is, any other value as JSON. */
  readonly body?: unknown;
  /** Default: "127.0.0.1". */
  readonly remoteAddress?: string;
}

/** Response of an app. */
export interface InjectedResponse {
  readonly status: number;
  /** Fields of the app, without those that the server adds, such as `Date`. */
  readonly headers: HttpHeaders;
  /** Reads the whole body. It can be read repeatedly, in any form. */
  bytes(): Promise<Buffer>;
  text(): Promise<string>;
  json<T = unknown>(): Promise<T>;
}

/**
 * Runs a request through an app without a socket, for tests: middleware, routes
 * and error handling.
 *
 * @param options options or a path
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

/** Encodes the body, with the content type of Fetch, or JSON. */
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

/** The content a client would receive (RFC 9110 §9.3.2, §15.3.5, §15.4.5). */
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
