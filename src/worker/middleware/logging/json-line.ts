/** Runs per line of the access log: one object. */
import { fieldsOf } from "../../../shared/logging/request-scope.ts";
import { loggedHeaders } from "./logged-headers.ts";
import { type LoggedRequest, responseBytes } from "./logged-request.ts";

export interface JsonLineOptions {
  readonly headers: readonly string[];
  readonly redact: readonly string[];
  /** Whether the lines have the query. */
  readonly hasQuery: boolean;
}

/** Returns the function that makes the fields of a request's line. */
export function jsonLine(options: JsonLineOptions) {
  const { hasQuery } = options;
  const headersOf = loggedHeaders(options.headers, options.redact);
  return (logged: LoggedRequest, sample: number | undefined) => {
    const { request, status, durationMs } = logged;
    const { path, target, remoteAddress, peerAddress } = request;
    const ids = fieldsOf(request);
    return {
      method: request.method,
      route: request.route,
      path,
      query: hasQuery ? target.slice(path.length + 1) || undefined : undefined,
      status,
      duration_ms: Math.round(durationMs * 1000) / 1000,
      request_bytes: request.body.byteLength,
      response_bytes: responseBytes(logged),
      request_id: ids.request_id,
      trace_id: ids.trace_id,
      span_id: ids.span_id,
      remote_address: remoteAddress,
      peer_address: peerAddress === remoteAddress ? undefined : peerAddress,
      headers: headersOf(request),
      sample,
    };
  };
}
