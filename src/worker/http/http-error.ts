import { isInstance } from "../../shared/thrown-value.ts";
import type { HeadersInit } from "./fields/http-headers.ts";
import { HttpStatus, reasonPhrase } from "./http-status.ts";

export interface HttpErrorOptions extends ErrorOptions {
  /** Fields of the answer, as `WWW-Authenticate` or `Retry-After`. */
  readonly headers?: HeadersInit;
  /** More members of the problem (RFC 9457 §3.2), as `{ errors: [...] }`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * An error that is an answer: thrown in a handler or middleware it becomes a
 * response with its status. `message` is shown to the client, `cause` is not.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly headers: HeadersInit | undefined;
  readonly members: HttpErrorOptions["members"];

  /**
   * @param status 400 to 599
   * @param detail what the client should know; default: the reason phrase
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

/** The client left before its request, or its answer, was whole. */
export class RequestAborted extends Error {
  override readonly name = "RequestAborted";
}

/** The status of the answer that an error becomes. */
export function statusOfError(error: unknown): number {
  if (isInstance(error, HttpError)) return error.status;
  if (isInstance(error, RequestAborted)) return HttpStatus.ClientClosedRequest;
  return HttpStatus.InternalServerError;
}
