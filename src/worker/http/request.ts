/** Runs per request: what a handler may not ask for is made on demand. */

import { UNIX } from "../../shared/addresses/address-list.ts";
import { plainAddress } from "../../shared/addresses/plain-address.ts";
import { type Cookies, NO_COOKIES, parseCookies } from "./cookies.ts";
import { readFormData } from "./form-data.ts";
import type { FormDataOptions } from "./form-limits.ts";
import type { Client, Origin, RequestProtocol } from "./forwarded/client.ts";
import { type HeadersInit, HttpHeaders } from "./headers.ts";
import { interimFields } from "./interim.ts";
import { type Parser, parseInput } from "./parse-input.ts";
import { queryRecord } from "./query-record.ts";
import { EMPTY_BODY, RequestBody } from "./request-body.ts";
import { RequestContext } from "./request-context.ts";
import { RequestEnd } from "./request-end.ts";
import type { TraceContext } from "./trace-context.ts";

export type HttpVersion = "1.0" | "1.1";

/** Parameters that the route's pattern found in the path, decoded. */
export type PathParams = Readonly<Record<string, string>>;

/** What a request is made of, also one made by hand for a test. */
export interface HttpRequestInit {
  /** Default: GET. Case matters (RFC 9110 §9.1). */
  readonly method?: string | undefined;
  /** Path with query, as sent: "/users/7?full=1". Default: "/". */
  readonly target?: string;
  /** As it was sent, where that is a URI. Default: the target. */
  readonly rawTarget?: string | undefined;
  readonly httpVersion?: HttpVersion;
  readonly headers?: HttpHeaders | HeadersInit;
  readonly body?: RequestBody | string | Uint8Array | undefined;
  /** Of the client; "unix" on a Unix socket. Default: not known. */
  readonly remoteAddress?: string | undefined;
  /** Of who has connected. Default: the client. */
  readonly peerAddress?: string | undefined;
  /** Default: none. */
  readonly upgrades?: readonly string[];
  /** Default: "http". */
  readonly protocol?: RequestProtocol;
  /** For the connection: in place of the addresses and the protocol. */
  readonly origin?: Origin;
  /** For the connection. Default: none, as in a test. */
  readonly server?: RequestServer;
}

/** Whoever serves a request, and is told what becomes of it. */
export interface RequestServer {
  /** Whether the worker is leaving. */
  readonly isLeaving: boolean;
  onHandlerTimeoutChanged(): void;
  /** It is to get no answer, or no more of it. */
  onDrop(request: HttpRequest): void;
  /**
   * An interim response is to be sent before the answer.
   *
   * @returns whether it is on its way
   */
  onInterim(request: HttpRequest, interim: InterimResponse): boolean;
  /** The connection closes once the answer that is being made is sent. */
  closeSoon(): void;
  /** The connection is gone at once, with all that is not received yet. */
  reset(): void;
  /** Bytes of answers that the system has not taken yet. */
  readonly unsentBytes: number;
  /** Calls back when the system has them, with an error when it never will. */
  whenSent(callback: (error?: Error | null) => void): void;
  /** What an adapter keeps with the connection, from request to request. */
  companion: Companion | undefined;
}

export interface InterimResponse {
  readonly status: number;
  /** Checked: what may be in one. */
  readonly fields: HttpHeaders;
}

/** Of a connection, and told when that is gone. */
export interface Companion {
  onConnectionClosed(): void;
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
   * The target as it was sent: the same, or the whole URI, to which clients of
   * proxies resort (absolute-form, RFC 9112 §3.2.2). `host` is then the URI's.
   */
  readonly rawTarget: string;
  readonly httpVersion: HttpVersion;
  /**
   * Protocols that the client would switch to (`Upgrade`, RFC 9110 §7.8), in
   * lower case; none where it does not ask, or may not.
   */
  readonly upgrades: readonly string[];
  readonly body: RequestBody;
  /** Decoded parameters of the route's pattern; set by the router. */
  pathParams: Params = NO_PATH_PARAMS as Params;
  /** The pattern of the route that took it ("/users/:id"), if one did. */
  route: string | undefined = undefined;
  /** What `requestId()` calls it: for the log, and who reports a failure. */
  id: string | undefined = undefined;
  /** The trace that it belongs to, as `requestId()` found. */
  trace: TraceContext | undefined = undefined;

  readonly #server: RequestServer | undefined;
  readonly #origin: Origin;
  /** Who asks, when somebody wants to know. */
  #client: Client | undefined = undefined;
  #handlerTimeoutMs: number | undefined = undefined;
  /** As they were given, until somebody asks. */
  #headers: HttpHeaders | HeadersInit | undefined;
  #query: URLSearchParams | undefined = undefined;
  #path: string | undefined = undefined;
  #cookies: Cookies | undefined = undefined;
  #context: RequestContext | undefined = undefined;
  #form: Promise<FormData> | undefined = undefined;
  #end: RequestEnd | undefined = undefined;

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
   * The field lines as they were sent: in order, names in the case they had,
   * whatever has been done to `headers` since. `Host` is what the client sent
   * there, also beside a whole URI as the target.
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
   * The address of the client: of who has connected, or, where that is a proxy
   * of the setting `trustProxy`, of whom it names. IPv6 as RFC 5952 has it, and
   * IPv4 never in the form of IPv6; "unix" on a Unix socket; undefined where a
   * trusted proxy names nobody whom it can read.
   */
  get remoteAddress(): string | undefined {
    return this.#asker.remoteAddress;
  }

  /**
   * The address of who has connected, which may be a proxy; behind one that
   * speaks the PROXY protocol, of who has connected to that. As
   * `remoteAddress`; undefined where the peer left before it could be asked.
   */
  get peerAddress(): string | undefined {
    return this.#origin.peerAddress;
  }

  /**
   * "https" if the client's connection is over TLS: that to this server, or to
   * the proxy that it came through, where that is to be believed.
   */
  get protocol(): RequestProtocol {
    return this.#asker.protocol;
  }

  /**
   * The host that the client asks, with the port if it has sent one: what a
   * trusted proxy says, or else `Host`. Undefined where there is none, as
   * HTTP/1.0 may have it.
   */
  get host(): string | undefined {
    return this.#asker.host ?? this.headers.get("host");
  }

  get #asker(): Client {
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

  /** The cookies by name, read once; see `parseCookies()`. */
  get cookies(): Cookies {
    if (!this.#cookies) {
      const field = this.headers.get("cookie");
      this.#cookies = field === undefined ? NO_COOKIES : parseCookies(field);
    }
    return this.#cookies;
  }

  /** What middleware left for those inside of it; each request has its own. */
  get context(): RequestContext {
    this.#context ??= new RequestContext();
    return this.#context;
  }

  /**
   * Aborts when nobody waits for the answer any more: the client has left, or
   * the handler took longer than `handlerTimeoutMs` or `timeout()` allows. Of
   * an upgraded connection when it is gone, or should go as the worker leaves.
   */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /**
   * Aborts when the worker is about to leave: it waits for answers, but only
   * until `drain.deadlineMs`, so one that would go on for ever should end.
   */
  get drainSignal(): AbortSignal {
    return this.#ending.drainSignal(this.#server?.isLeaving ?? false);
  }

  /**
   * How long the handler may take to answer, in milliseconds, 0 for any time;
   * undefined for the setting `handlerTimeoutMs`. Its time begins anew when
   * this is set.
   */
  get handlerTimeoutMs(): number | undefined {
    return this.#handlerTimeoutMs;
  }

  set handlerTimeoutMs(timeoutMs: number | undefined) {
    this.#handlerTimeoutMs = timeoutMs;
    this.#server?.onHandlerTimeoutChanged();
  }

  /**
   * Sends an interim response before the answer (RFC 9110 §15.2): 103 with
   * `Link` for what the page will need (Early Hints, RFC 8297), 102 while it
   * takes long, 100 to let the body come before it is read.
   *
   * Not sent, as a client may do without it: to HTTP/1.0, once the answer has
   * begun or the client has left, while the client does not read what there is,
   * and 100 where the client does not wait for it.
   *
   * @param status 100, or 102 to 199
   * @returns whether it is on its way
   * @throws RangeError for another status, TypeError for fields that could
   * split it, or that only a final response has, as `Content-Length`
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
   * The body parsed as JSON, whatever Content-Type says, and checked by a
   * parser: a function that throws, as a zod schema's `parse`, or a Standard
   * Schema, as the zod schema itself.
   *
   * @throws also HttpError 400; 422 where the parser finds issues, with
   * `errors: [{ path: "items.0.name", message }]` among its members; what else
   * the parser throws
   */
  json<Output>(parser: Parser<Output>): Promise<Output>;
  /**
   * @typeParam T what you expect: nothing checks that it is what was sent
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
   * The query, checked by a parser as `json()` takes one. It is given an object
   * of texts by name, and of arrays of them for names that repeat.
   *
   * @throws HttpError 400 where the parser finds issues, as `json()` 422;
   * TypeError where it does not answer at once
   */
  parseQuery<Output>(parser: Parser<Output>): Output {
    const kind = { what: "the query", status: 400 };
    const parsed = parseInput(queryRecord(this.query), parser, kind);
    if (!(parsed instanceof Promise)) return parsed;
    parsed.catch(() => {});
    throw new TypeError("what parses a query must not be asynchronous");
  }

  /**
   * The body as a form, `multipart/form-data` or
   * `application/x-www-form-urlencoded`: names with texts and files, in order,
   * as Fetch gives them. Files are in memory; to write a large one as it comes,
   * read `body`. It may be called again and gives the same; the first call's
   * limits count.
   *
   * A file's name and type are the client's word. Of a name with folders only
   * the last part is there (RFC 7578 §4.2), yet do not store a file under it.
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
   * The fields after the last chunk (RFC 9110 §6.5), once the body has been
   * read to its end; undefined before, and where there are none. They never get
   * into `headers`.
   */
  get trailers(): HttpHeaders | undefined {
    return this.body.trailers;
  }

  /**
   * For adapters: calls back once where `signal` would abort, without the price
   * of a signal. There is one listener.
   */
  whenAborted(onAborted: (reason: Error) => void): void {
    this.#ending.whenAborted(onAborted);
  }

  /**
   * For adapters: calls back once where the client says that it sends no more
   * (FIN), which may be how it leaves. There is one listener.
   */
  whenClientEnded(onClientEnded: () => void): void {
    this.#ending.whenClientEnded(onClientEnded);
  }

  /** Whether the client has ended its side since it asked. */
  get hasClientEnded(): boolean {
    return this.#end?.hasClientEnded ?? false;
  }

  /** For adapters: its connection; undefined for a request made by hand. */
  get connection(): RequestServer | undefined {
    return this.#server;
  }

  /** For adapters: what they keep with the connection. */
  get companion(): Companion | undefined {
    return this.#server?.companion;
  }

  set companion(companion: Companion | undefined) {
    if (this.#server) this.#server.companion = companion;
  }

  /**
   * For adapters: closes the connection at once, in the middle of the answer or
   * without any. Not of a request that has been answered.
   */
  drop(): void {
    this.#server?.onDrop(this);
  }

  /** For the connection: the client has ended its side of it. */
  clientEnded(): void {
    this.#ending.clientEnded();
  }

  /** For the connection: the worker is about to leave. */
  drain(): void {
    this.#end?.drain();
  }

  /** For who answers instead: nobody waits for the handler any more. */
  abort(reason: Error): void {
    if (this.#ending.abort(reason)) this.body.fail(reason);
  }

  get #ending(): RequestEnd {
    this.#end ??= new RequestEnd();
    return this.#end;
  }
}

/** Of a request that was made by hand. */
function originAsGiven(init: HttpRequestInit): Origin {
  const { protocol = "http" } = init;
  const remoteAddress = formed(init.remoteAddress);
  const client = { remoteAddress, protocol, host: undefined };
  return {
    peerAddress: formed(init.peerAddress) ?? remoteAddress,
    isTrusted: false,
    clientOf: () => client,
  };
}

function formed(address: string | undefined): string | undefined {
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
