/** Runs per request: shared fields are copied when they are changed. */

import {
  type CookieOptions,
  setCookieField,
} from "./cookies/set-cookie-field.ts";
import { type HeadersInit, HttpHeaders } from "./fields/http-headers.ts";
import {
  AnnouncedTrailers,
  type ResponseTrailers,
  type TrailerFields,
} from "./fields/response-trailers.ts";

/**
 * Text (sent as UTF-8), bytes, nothing, or a stream of chunks: a Node
 * `Readable`, a web `ReadableStream` or an async generator.
 */
export type ResponseBody =
  | string
  | Uint8Array
  | AsyncIterable<string | Uint8Array>
  | null;

export interface HttpResponseInit {
  /** 200 to 599. Default: 200. */
  readonly status?: number;
  /** Default: the registered phrase. */
  readonly reason?: string;
  readonly headers?: HttpHeaders | HeadersInit;
}

export type DeletedCookieOptions = Omit<
  CookieOptions,
  "maxAgeSeconds" | "expires"
>;

const REASON = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * A response. The server adds `Date`, `Connection`, and `Content-Length` or
 * `Transfer-Encoding`.
 *
 * @throws RangeError for a status that is not 200 to 599 (for interim responses
 * there is `request.sendInterim()`), TypeError for fields or a reason that
 * could split the response (RFC 9110 §5.5)
 */
export class HttpResponse {
  readonly status: number;
  readonly reason: string | undefined;
  readonly body: ResponseBody;
  #fields: HttpHeaders | undefined;
  #isShared: boolean;
  #trailers: ResponseTrailers | undefined = undefined;

  constructor(body: ResponseBody = null, init: HttpResponseInit = {}) {
    this.body = body;
    this.status = checkedStatus(init.status ?? 200);
    this.reason = checkedReason(init.reason);
    this.#isShared = init.headers instanceof HttpHeaders;
    this.#fields = this.#isShared
      ? (init.headers as HttpHeaders)
      : init.headers && new HttpHeaders(init.headers);
  }

  /** The fields, which may be changed. */
  get headers(): HttpHeaders {
    if (!this.#fields || this.#isShared) {
      this.#fields = new HttpHeaders(this.#fields);
      this.#isShared = false;
    }
    return this.#fields;
  }

  /** For encoders: the fields without a copy; read-only. */
  get fields(): HttpHeaders | undefined {
    return this.#fields;
  }

  /** Sets a field and returns the response: `ok(x).with("Vary", "Origin")`. */
  with(name: string, value: string): this {
    this.headers.set(name, value);
    return this;
  }

  /**
   * Sends fields after the body (RFC 9110 §6.5), for values known only then,
   * such as a digest or `Server-Timing`. The head announces the names in
   * `Trailer`.
   *
   * Trailers need a chunked message: none are sent to HTTP/1.0, to HEAD,
   * without a body, or if you set `Content-Length`. Clients may ignore them;
   * many do unless they send `TE: trailers`.
   *
   * @param names all names that `make` may return
   * @param make called once after the whole body has been sent; an error, or a
   * field that was not announced, aborts the connection
   * @throws TypeError for names that a trailer must not have (RFC 9110 §6.5.1),
   * such as `Content-Length` and `Set-Cookie`
   */
  withTrailers(
    names: readonly string[],
    make: () => TrailerFields | Promise<TrailerFields>,
  ): this {
    this.#trailers = new AnnouncedTrailers(names, make);
    return this.with("Trailer", names.join(", "));
  }

  /** For encoders: the trailers, if any. */
  get trailers(): ResponseTrailers | undefined {
    return this.#trailers;
  }

  /** For adapters, and for code that derives one response from another. */
  setTrailers(trailers: ResponseTrailers | undefined): this {
    this.#trailers = trailers;
    return this;
  }

  /**
   * Adds the default fields whose names the response lacks. If both sets of
   * fields are frozen, as those of `ok()` are, the merged fields are cached.
   */
  addMissing(defaults: HttpHeaders): this {
    const fields = this.#fields;
    if (fields && !(this.#isShared && fields.isFrozen && defaults.isFrozen)) {
      this.headers.addMissing(defaults);
    } else {
      this.#fields = fields ? mergedFields(fields, defaults) : defaults;
      this.#isShared = true;
    }
    return this;
  }

  /**
   * Sets a cookie. By default it applies to all paths of this host, lasts until
   * the client is closed, is hidden from scripts, is sent over TLS only, and is
   * not sent in requests from other sites. The value may be any text:
   * `request.cookies` returns it unchanged.
   *
   * @throws TypeError for a name that is not a token, an unknown or invalid
   * attribute, more than 4096 bytes, or a combination that clients refuse
   */
  setCookie(name: string, value: string, options?: CookieOptions): this {
    this.headers.append("Set-Cookie", setCookieField(name, value, options));
    return this;
  }

  /**
   * Deletes a cookie. `path` and `domain` must be those it was set with
   * (RFC 6265 §3.1).
   *
   * @throws TypeError as `setCookie()` does
   */
  deleteCookie(name: string, options?: DeletedCookieOptions): this {
    return this.setCookie(name, "", { ...options, maxAgeSeconds: 0 });
  }
}

function checkedStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new RangeError(`a response's status is 200 to 599, not ${status}`);
}

function checkedReason(reason: string | undefined): string | undefined {
  if (reason === undefined || REASON.test(reason)) return reason;
  throw new TypeError(
    `a reason phrase has no control characters: ${JSON.stringify(reason)}`,
  );
}

/** Merged fields by the defaults, then by the response's own fields. */
const mergedByDefaults = new WeakMap<
  HttpHeaders,
  WeakMap<HttpHeaders, HttpHeaders>
>();

/**
 * The fields with missing names added from the defaults. Both must be frozen;
 * the result is frozen too and cached, so a response costs two look-ups.
 */
function mergedFields(fields: HttpHeaders, defaults: HttpHeaders): HttpHeaders {
  let mergedByFields = mergedByDefaults.get(defaults);
  if (!mergedByFields) {
    mergedByFields = new WeakMap();
    mergedByDefaults.set(defaults, mergedByFields);
  }
  let merged = mergedByFields.get(fields);
  if (!merged) {
    merged = new HttpHeaders(fields).addMissing(defaults).freeze();
    mergedByFields.set(fields, merged);
  }
  return merged;
}
