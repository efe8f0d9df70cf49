import { isInstance } from "../../shared/thrown-value.ts";
import type { HeadersInit } from "./fields/http-headers.ts";
import { HttpStatus, reasonPhrase } from "./http-status.ts";

export interface HttpErrorOptions extends ErrorOptions {
  /** Fields of the response, such as `WWW-Authenticate` or `Retry-After`. */
  readonly headers?: HeadersInit;
  /** Extension members of the problem (RFC 9457 §3.2): `{ errors: [...] }`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * An error with an HTTP status: thrown in a handler or middleware it becomes
 * the response. `message` is sent to the client, `cause` is not.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly headers: HeadersInit | undefined;
  readonly members: HttpErrorOptions["members"];

  /**
   * @param status 400 to 599
   * @param detail sent to the client; default: the reason phrase
   */
  constructor(status: number, detail?: string, options?: HttpErrorOptions) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`an HttpError's status is 400 to 599: ${status}`);
    }
    super(detail ?? reasonPhrase(status), options);
    this.status = status;
    this.headers = options?.headers;
    this.members = options?.members;
  }
}

/** The client left before the request or the response was complete. */
export class RequestAborted extends Error {
  override readonly name = "RequestAborted";
}

/** The status of the response that an error becomes. */
export function statusOfError(error: unknown): number {
  if (isInstance(error, HttpError)) return error.status;
  if (isInstance(error, RequestAborted)) return HttpStatus.ClientClosedRequest;
  return HttpStatus.InternalServerError;
}
