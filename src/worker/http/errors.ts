import { reasonPhrase } from "./status.ts";

/**
 * An error that is an answer: thrown in a handler or middleware it becomes a
 * response with its status. `message` is shown to the client.
 */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;

  /**
   * @param status 400 to 599
   * @param detail what the client should know; default: the reason phrase
   */
  constructor(status: number, detail?: string, options?: ErrorOptions) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`an HttpError's status is 400 to 599: ${status}`);
    }
    super(detail ?? reasonPhrase(status), options);
    this.status = status;
  }
}

/** The client left before its request, or its answer, was whole. */
export class RequestAborted extends Error {
  override readonly name = "RequestAborted";
}
