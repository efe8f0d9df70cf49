/** Runs per request: parts that a handler may not need are made on demand. */

import { UNIX } from "../../shared/addresses/address-list.ts";
import { plainAddress } from "../../shared/addresses/plain-address.ts";
import { type Logger, requestLogger } from "../../shared/logging/logger.ts";
import { EMPTY_BODY, RequestBody } from "./body/request-body.ts";
import {
  type Cookies,
  NO_COOKIES,
  parseCookies,
} from "./cookies/parse-cookies.ts";
import { type HeadersInit, HttpHeaders } from "./fields/http-headers.ts";
import { interimFields } from "./fields/interim-fields.ts";
import type { FormDataOptions } from "./forms/form-limits.ts";
import { readFormData } from "./forms/read-form-data.ts";
import type { Client, Origin, RequestProtocol } from "./forwarded/client.ts";
import { type Parser, parseInput } from "./parse-input.ts";
import { parseQuery } from "./parse-query.ts";
import { RequestContext } from "./request-context.ts";
import { RequestEnd } from "./request-end.ts";
import type { Companion, RequestServer } from "./request-server.ts";
import type { RequestSpan } from "./request-span.ts";
import type { TraceContext } from "./trace-context.ts";

export type HttpVersion = "1.0" | "1.1";

/** Decoded values of the parameters in the route's pattern. */
export type PathParams = Readonly<Record<string, string>>;

/** The parts of a request, also for one made by hand in a test. */
export interface HttpRequestInit {
  /** Default: GET. Case matters (RFC 9110 §9.1). */
  readonly method?: string | undefined;
  /** Path with query, as sent: "/users/7?full=1". Default: "/". */
  readonly target?: string;
  /** The request target as sent, if that is a URI. Default: the target. */
  readonly rawTarget?: string | undefined;
  readonly httpVersion?: HttpVersion;
  readonly headers?: HttpHeaders | HeadersInit;
  readonly body?: RequestBody | string | Uint8Array | undefined;
  /** Address of the client; "unix" on a Unix socket. Default: not known. */
  readonly remoteAddress?: string | undefined;
  /** Address of the connection's other end. Default: the client's. */
  readonly peerAddress?: string | undefined;
  /** Default: none. */
  readonly upgrades?: readonly string[];
  /** Default: "http". */
  readonly protocol?: RequestProtocol;
  /** Set by the connection instead of the addresses and the protocol. */
  readonly origin?: Origin;
  /** Set by the connection. Default: none, as in a test. */
  readonly server?: RequestServer;
}

export const NO_UPGRADES: readonly string[] = Object.freeze([]);

export const NO_PATH_PARAMS: PathParams = Object.freeze({
  __proto__: null,
} as unknown as PathParams);

/**
 * A request, as handlers and middleware see it.
 *
 * `Params` is inferred from the route's pattern.
 */
export class HttpRequest<Params extends PathParams = PathParams> {
  readonly method: string;
  /** Path with query, as the client sent it; "*" for the server itself. */
  readonly target: string;
  /**
   * The target as it was sent: the same, or a whole URI, as clients of proxies
   * send it (absolute-form, RFC 9112 §3.2.2). `host` is then the URI's.
   */
  readonly rawTarget: string;
  readonly httpVersion: HttpVersion;
  /**
   * Protocols that the client offers to switch to (`Upgrade`, RFC 9110 §7.8),
   * in lower case; empty if it offers none or must not offer any.
   */
  readonly upgrades: readonly string[];
  readonly body: RequestBody;
  /** Decoded parameters of the route's pattern; set by the router. */
  pathParams: Params = NO_PATH_PARAMS as Params;
  /** The pattern of the matched route ("/users/:id"), if one matched. */
  route: string | undefined = undefined;
  /** Set by `requestId()`: identifies the request in logs and reports. */
  id: string | undefined = undefined;
  /** Set by `requestId()`: the trace that the request belongs to. */
  trace: TraceContext | undefined = undefined;
  /** For error handlers: whether `logger()` adds the ids of the request. */
  isInLogs = false;
  /** For adapters: the span of a request that is traced. */
  span: RequestSpan | undefined = undefined;

  readonly #server: RequestServer | undefined;
  readonly #origin: Origin;
  /** Resolved on first use. */
  #client: Client | undefined = undefined;
  #handlerTimeoutMs: number | undefined = undefined;
  /** As given to the constructor until first use. */
  #headers: HttpHeaders | HeadersInit | undefined;
  #query: URLSearchParams | undefined = undefined;
  #path: string | undefined = undefined;
  #cookies: Cookies | undefined = undefined;
  #context: RequestContext | undefined = undefined;
  #form: Promise<FormData> | undefined = undefined;
  #end: RequestEnd | undefined = undefined;
  #log: Logger | undefined = undefined;

  constructor(init: HttpRequestInit = {}) {
    this.method = init.method ?? "GET";
    this.target = init.target ?? "/";
    this.rawTarget = init.rawTarget ?? this.target;
    this.httpVersion = init.httpVersion ?? "1.1";
    this.upgrades = init.upgrades ?? NO_UPGRADES;
    this.#origin = init.origin ?? originAsGiven(init);
    this.#server = init.server;
    const body = init.body ?? EMPTY_BODY;
    this.body = body instanceof RequestBody ? body : RequestBody.of(body);
    this.#headers = init.headers;
  }

  /**
   * The field lines as they were sent, in order and with names in their
   * original case. Changes to `headers` do not show here. `Host` is the field
   * that the client sent, even if the target is a whole URI.
   */
  get rawHeaders(): readonly (readonly [name: string, value: string])[] {
    return this.headers.linesAsSent();
  }

  get headers(): HttpHeaders {
    const headers = this.#headers;
    if (headers instanceof HttpHeaders) return headers;
    const made = new HttpHeaders(headers);
    this.#headers = made;
    return made;
  }

  /**
   * The address of the client: the peer's, or, if the peer is a proxy listed in
   * the setting `trustProxy`, the address that the proxy names. IPv6 is written
   * as in RFC 5952, and IPv4 never as IPv6; "unix" on a Unix socket; undefined
   * if a trusted proxy names no readable address.
   */
  get remoteAddress(): string | undefined {
    return this.#resolvedClient.remoteAddress;
  }

  /**
   * The address of the connection's other end, which may be a proxy. Behind a
   * proxy that speaks the PROXY protocol, the address that connected to that
   * proxy. Written as `remoteAddress`; undefined if the peer has left already.
   */
  get peerAddress(): string | undefined {
    return this.#origin.peerAddress;
  }

  /**
   * "https" if the client's connection uses TLS: the one to this server, or, as
   * reported by a trusted proxy, the one to that proxy.
   */
  get protocol(): RequestProtocol {
    return this.#resolvedClient.protocol;
  }

  /**
   * The requested host, with the port if one was sent: as a trusted proxy
   * reports it, otherwise from `Host`. Undefined if there is none, as HTTP/1.0
   * allows.
   */
  get host(): string | undefined {
    return this.#resolvedClient.host ?? this.headers.get("host");
  }

  get #resolvedClient(): Client {
    this.#client ??= this.#origin.clientOf(this);
    return this.#client;
  }

  /** The target's path, not decoded: "/a%20b". */
  get path(): string {
    this.#path ??= beforeQuery(this.target);
    return this.#path;
  }

  /** The parameters after "?"; empty without any. */
  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(afterPath(this.target));
    return this.#query;
  }

  /** The cookies by name, parsed on first use; see `parseCookies()`. */
  get cookies(): Cookies {
    if (!this.#cookies) {
      const field = this.headers.get("cookie");
      this.#cookies = field === undefined ? NO_COOKIES : parseCookies(field);
    }
    return this.#cookies;
  }

  /** Values that middleware passes inwards; each request has its own. */
  get context(): RequestContext {
    this.#context ??= new RequestContext();
    return this.#context;
  }

  /**
   * A logger whose lines have `request_id`, `trace_id` and `span_id`, if the
   * request has them: `requestId()` sets them. It is made on first use, and
   * needs no `AsyncLocalStorage`.
   */
  get log(): Logger {
    if (this.#log) return this.#log;
    const logger = requestLogger(this);
    if (this.id !== undefined) this.#log = logger;
    return logger;
  }

  /**
   * Aborts when the response is no longer needed: the client has left, or the
   * handler took longer than `handlerTimeoutMs` or `timeout()` allows. For an
   * upgraded connection, aborts when it has closed, or should close because the
   * worker drains.
   */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /**
   * Aborts when the worker starts to drain: it waits for responses only until
   * `drain.deadlineMs`, so a response without an end should end then.
   */
  get drainSignal(): AbortSignal {
    return this.#ending.drainSignal(this.#server?.isLeaving ?? false);
  }

  /**
   * How long the handler may take to respond, in milliseconds; 0 disables the
   * limit, undefined uses the setting `handlerTimeoutMs`. Setting it restarts
   * the time.
   */
  get handlerTimeoutMs(): number | undefined {
    return this.#handlerTimeoutMs;
  }

  set handlerTimeoutMs(timeoutMs: number | undefined) {
    this.#handlerTimeoutMs = timeoutMs;
    this.#server?.onHandlerTimeoutChanged();
  }

  /**
   * Sends an interim response before the final one (RFC 9110 §15.2): 103 with
   * `Link` for resources of the page (Early Hints, RFC 8297), 102 during long
   * processing, 100 to let the client send the body before it is read.
   *
   * Interim responses are optional, so none is sent to HTTP/1.0, after the
   * response has begun, after the client has left, while the client does not
   * read, and no 100 if the client does not expect one.
   *
   * @param status 100, or 102 to 199
   * @returns whether it was queued
   * @throws RangeError for another status, TypeError for fields that could
   * split the response, or that only a final response has (`Content-Length`)
   */
  sendInterim(status: number, headers?: HttpHeaders | HeadersInit): boolean {
    const fields = interimFields(status, headers);
    return this.#server?.onInterim(this, { status, fields }) ?? false;
  }

  /** The whole body. @throws RequestAborted, HttpError 413 */
  bytes(): Promise<Buffer> {
    return this.body.bytes();
  }

  /** The body as UTF-8. @throws also HttpError 400 */
  text(): Promise<string> {
    return this.body.text();
  }

  /**
   * The body parsed as JSON regardless of Content-Type, and validated by a
   * parser: a function that throws, such as a zod schema's `parse`, or a
   * Standard Schema, such as the zod schema itself.
   *
   * @throws also HttpError 400; 422 where the parser finds issues, with
   * `errors: [{ path: "items.0.name", message }]` among its members; other
   * errors of the parser
   */
  json<Output>(parser: Parser<Output>): Promise<Output>;
  /**
   * @typeParam T the expected type, which is not checked
   * @throws also HttpError 400
   */
  json<T = unknown>(): Promise<T>;
  json(parser?: Parser<unknown>): Promise<unknown> {
    const json = this.body.json();
    if (parser === undefined) return json;
    const kind = { what: "the body", status: 422 };
    return json.then((value) => parseInput(value, parser, kind));
  }

  /**
   * The query, validated by a parser as in `json()`. The parser is given an
   * object of strings by name, with arrays of strings for repeated names.
   *
   * @throws HttpError 400 where the parser finds issues, in the form of the 422
   * of `json()`; TypeError where the parser is asynchronous
   */
  parseQuery<Output>(parser: Parser<Output>): Output {
    return parseQuery(this.query, parser);
  }

  /**
   * The body as a form, `multipart/form-data` or
   * `application/x-www-form-urlencoded`: names with texts and files, in order,
   * as Fetch gives them. Files are held in memory; to store a large one as it
   * arrives, read `body`. Further calls return the same form; the limits of the
   * first call apply.
   *
   * A file's name and type are chosen by the client. A path in the name is cut
   * to its last part (RFC 7578 §4.2), but do not store a file under that name.
   *
   * @throws RequestAborted, TypeError as `body` does; HttpError 400 where it is
   * not valid or not UTF-8, 413 where it is over a limit, 415 for another
   * Content-Type, charset or encoding
   */
  formData(options?: FormDataOptions): Promise<FormData> {
    const contentType = this.headers.get("content-type");
    this.#form ??= readFormData(this.body, contentType, options);
    return this.#form;
  }

  /**
   * The fields after the last chunk (RFC 9110 §6.5) once the body has been read
   * to its end; undefined before that, and if there are none. They are never
   * merged into `headers`.
   */
  get trailers(): HttpHeaders | undefined {
    return this.body.trailers;
  }

  /**
   * For adapters: calls back once when `signal` would abort, without the cost
   * of an AbortSignal. Supports one listener.
   */
  whenAborted(onAborted: (reason: Error) => void): void {
    this.#ending.whenAborted(onAborted);
  }

  /**
   * For adapters: calls back once when the client has half-closed the
   * connection (FIN), as most clients do when they leave. Supports one
   * listener.
   */
  whenClientEnded(onClientEnded: () => void): void {
    this.#ending.whenClientEnded(onClientEnded);
  }

  /** Whether the client has half-closed the connection. */
  get hasClientEnded(): boolean {
    return this.#end?.hasClientEnded ?? false;
  }

  /** For adapters: the connection; undefined for a request made by hand. */
  get connection(): RequestServer | undefined {
    return this.#server;
  }

  /** For adapters: the state that they keep per connection. */
  get companion(): Companion | undefined {
    return this.#server?.companion;
  }

  set companion(companion: Companion | undefined) {
    if (this.#server) this.#server.companion = companion;
  }

  /**
   * For adapters: closes the connection at once, in the middle of the response
   * or without one. Has no effect after the response.
   */
  drop(): void {
    this.#server?.onDrop(this);
  }

  /** For the connection: the client has half-closed it. */
  clientEnded(): void {
    this.#ending.clientEnded();
  }

  /** For the connection: the worker starts to drain. */
  drain(): void {
    this.#end?.drain();
  }

  /** For code that responds instead of the handler: the handler should stop. */
  abort(reason: Error): void {
    if (this.#ending.abort(reason)) this.body.fail(reason);
  }

  get #ending(): RequestEnd {
    this.#end ??= new RequestEnd();
    return this.#end;
  }
}

/** For a request that was made by hand. */
function originAsGiven(init: HttpRequestInit): Origin {
  const { protocol = "http" } = init;
  const remoteAddress = normalized(init.remoteAddress);
  const client = { remoteAddress, protocol, host: undefined };
  return {
    peerAddress: normalized(init.peerAddress) ?? remoteAddress,
    isTrusted: false,
    clientOf: () => client,
  };
}

function normalized(address: string | undefined): string | undefined {
  if (address === undefined || address === UNIX) return address;
  return plainAddress(address);
}

function beforeQuery(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}

function afterPath(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? "" : target.slice(mark + 1);
}
