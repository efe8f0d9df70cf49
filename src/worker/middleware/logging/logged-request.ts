import type { HttpRequest } from "../../http/http-request.ts";
import type { HttpResponse } from "../../http/http-response.ts";

/** A request of which the access log has a line. */
export interface LoggedRequest {
  readonly request: HttpRequest;
  /** Undefined if the handler has thrown. */
  readonly response?: HttpResponse;
  readonly status: number;
  /** Until the response is known, not sent. */
  readonly durationMs: number;
}

/** Length of the response body; undefined if it is not known. */
export function responseBytes(logged: LoggedRequest): number | undefined {
  const { request, response } = logged;
  if (!response) return undefined;
  const { body } = response;
  if (body === null || request.method === "HEAD") return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  const declared = response.fields?.get("content-length");
  return declared === undefined ? undefined : Number(declared);
}
