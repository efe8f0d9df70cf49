/**
 * Runs per response. Stands in for a `Response`; the expensive native one is
 * made for properties that are missing here. `replaceGlobals()` makes the two
 * interchangeable.
 */
import { HttpHeaders } from "../http/fields/http-headers.ts";
import { nativeFetchApi } from "./native-fetch-api.ts";
import { toHttpHeaders } from "./to-http-headers.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const TEXT_TYPE = "text/plain;charset=UTF-8";

type Content = ConstructorParameters<typeof Response>[0];
type Inspect = (value: unknown, options: object) => string;

/** The content of a light response without a native one. */
export interface LightContent {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: string | Uint8Array | null;
  /**
   * Body length of the response that this one was made from without its body.
   * Frameworks do that for HEAD: `new Response(null, response)`.
   */
  readonly emptiedBytes: number | undefined;
}

export class LightResponse {
  readonly #status: number = 200;
  readonly #body: string | Uint8Array | null = null;
  readonly #fields: HttpHeaders | undefined = undefined;
  readonly #emptiedBytes: number | undefined = undefined;
  /** Made on first use; from then on they may be changed. */
  #headers: Headers | undefined = undefined;
  #native: Response | undefined = undefined;

  /** @throws the errors of the native constructor */
  constructor(body: Content = null, init?: ResponseInit | null) {
    const given = init ?? {};
    if (isPlainBody(body) && isPlainInit(given, body)) {
      this.#status = given.status ?? 200;
      // The caller may change its bytes later.
      this.#body = typeof body === "string" || !body ? body : body.slice();
      this.#fields = fieldsOf(given.headers, body);
      if (body === null && #body in given) {
        this.#emptiedBytes = bytesOf((given as LightResponse).#body);
      }
    } else {
      this.#native = new (nativeFetchApi().Response)(body, given);
    }
  }

  /** Undefined for other responses, and if there is a native one. */
  static contentOf(response: object): LightContent | undefined {
    if (!(#fields in response) || response.#native) return undefined;
    const headers = response.#headers;
    return {
      status: response.#status,
      headers: headers ? toHttpHeaders(headers) : (response.#fields as never),
      body: response.#body,
      emptiedBytes: response.#emptiedBytes,
    };
  }

  get status(): number {
    return this.#native?.status ?? this.#status;
  }

  get ok(): boolean {
    return this.status < 300;
  }

  get headers(): Headers {
    this.#headers ??= this.#native?.headers ?? toHeaders(this.#fields);
    return this.#headers;
  }

  /** For properties that only the native response has. */
  native(): Response {
    if (this.#native) return this.#native;
    const headers = this.#headers ?? toHeaders(this.#fields);
    const init = { status: this.#status, headers };
    this.#native = new (nativeFetchApi().Response)(this.#body as Content, init);
    this.#headers = this.#native.headers;
    return this.#native;
  }

  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return inspect(this.native(), options);
  }
}

function bytesOf(body: string | Uint8Array | null): number | undefined {
  return body === null ? undefined : Buffer.byteLength(body);
}

function isPlainBody(body: unknown): body is string | Uint8Array | null {
  if (body === null || typeof body === "string") return true;
  return body instanceof Uint8Array;
}

/** Other options, and invalid ones, are left to the native constructor. */
function isPlainInit(init: ResponseInit, body: unknown): boolean {
  const { status = 200, statusText = "" } = init;
  if (!Number.isInteger(status) || status < 200 || status > 599) return false;
  const hasNoBody = status === 204 || status === 205 || status === 304;
  return statusText === "" && (body === null || !hasNoBody);
}

function fieldsOf(init: ResponseInit["headers"], body: unknown): HttpHeaders {
  const fields =
    init instanceof Headers
      ? toHttpHeaders(init)
      : new HttpHeaders(init as Record<string, string>);
  if (typeof body === "string" && !fields.has("Content-Type")) {
    fields.append("Content-Type", TEXT_TYPE);
  }
  return fields;
}

function toHeaders(fields: HttpHeaders | undefined): Headers {
  const headers = new Headers();
  fields?.forEachLine((name, value) => headers.append(name, value));
  return headers;
}
