/** Runs per request: fields that helpers share are copied when changed. */
import { type HeadersInit, HttpHeaders } from "./headers.ts";
import { type CookieOptions, setCookieField } from "./set-cookie.ts";
import {
  AnnouncedTrailers,
  type ResponseTrailers,
  type TrailerFields,
} from "./trailers.ts";
import { withDefaults } from "./with-defaults.ts";

/**
 * Text (sent as UTF-8), bytes, nothing, or chunks as they come: a Node
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
 * A response. The server adds `Date`, `Content-Length` or the transfer coding,
 * and what the connection needs.
 *
 * @throws RangeError for a status that is not 200 to 599 (for interim responses
 * there is `request.sendInterim()`), TypeError for fields or a reason that could split the
 * response (RFC 9110 §5.5)
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

  /** Fields, to read and to change. */
  get headers(): HttpHeaders {
    if (!this.#fields || this.#isShared) {
      this.#fields = new HttpHeaders(this.#fields);
      this.#isShared = false;
    }
    return this.#fields;
  }

  /** For encoders: the fields to read only, not copied. */
  get fields(): HttpHeaders | undefined {
    return this.#fields;
  }

  /** Sets a field and returns the response: `ok(x).with("Vary", "Origin")`. */
  with(name: string, value: string): this {
    this.headers.set(name, value);
    return this;
  }

  /**
   * Sends fields after the body (RFC 9110 §6.5), for what is known only then: a
   * digest, `Server-Timing`. The head says their names in `Trailer`.
   *
   * There are none where the message has no chunks to put them behind: to
   * HTTP/1.0, to HEAD, without a body, and with a `Content-Length` of yours.
   * Clients may pass over them; many do, unless they send `TE: trailers`.
   *
   * @param names of all that `make` may give
   * @param make called once, when all of the body has been sent; what it throws,
   * and a field that was not named, cuts the connection, as the body had
   * @throws TypeError for names that no trailer may have (RFC 9110 §6.5.1), as
   * `Content-Length`, `Set-Cookie`
   */
  withTrailers(
    names: readonly string[],
    make: () => TrailerFields | Promise<TrailerFields>,
  ): this {
    this.#trailers = new AnnouncedTrailers(names, make);
    return this.with("Trailer", names.join(", "));
  }

  /** For encoders: what follows the body. */
  get trailers(): ResponseTrailers | undefined {
    return this.#trailers;
  }

  /** For adapters, and who makes one response of another. */
  setTrailers(trailers: ResponseTrailers | undefined): this {
    this.#trailers = trailers;
    return this;
  }

  /**
   * Adds the fields of those names that it has none of. Where its own and those
   * are frozen, as those of `ok()` are, what comes of both is made once.
   */
  addMissing(defaults: HttpHeaders): this {
    const fields = this.#fields;
    if (fields && !(this.#isShared && fields.isFrozen && defaults.isFrozen)) {
      this.headers.addMissing(defaults);
    } else {
      this.#fields = fields ? withDefaults(fields, defaults) : defaults;
      this.#isShared = true;
    }
    return this;
  }

  /**
   * Sets a cookie of the client, by default for all paths of this host until
   * the client is closed, not for scripts, over TLS only, and not in requests
   * that other sites make. Any text is a value: `request.cookies` gives it back.
   *
   * @throws TypeError for a name that is no token, an attribute that is none,
   * more than 4096 bytes, and attributes that clients refuse together
   */
  setCookie(name: string, value: string, options?: CookieOptions): this {
    this.headers.append("Set-Cookie", setCookieField(name, value, options));
    return this;
  }

  /**
   * Deletes a cookie. Its `path` and `domain` must be those it was set with
   * (RFC 6265 §3.1).
   *
   * @throws TypeError as `setCookie()`
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
