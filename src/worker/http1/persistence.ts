/**
 * How a response goes out, and whether its connection goes on after it:
 * RFC 9112 §9.3 and §9.6. Runs per response.
 */
import type { HttpResponse } from "../http/http-response.ts";
import type { ConnectionLimits } from "./connection-context.ts";
import type { CurrentRequest } from "./current-request.ts";
import type { RequestReader } from "./request-reader.ts";
import { responseFraming } from "./response-encoder.ts";
import { wireFields } from "./wire-fields.ts";

export interface ConnectionFacts {
  readonly reader: RequestReader;
  readonly limits: ConnectionLimits;
  /** Whether the server, the worker, or the client takes its leave. */
  readonly isEnding: boolean;
  /** Requests on this connection, this one included. */
  readonly requestCount: number;
}

/**
 * Decides how the response to a request goes out.
 *
 * @throws TypeError where it cannot be sent as it is
 */
export function formResponse(
  current: CurrentRequest,
  response: HttpResponse,
  connection: ConnectionFacts,
): void {
  const framing = responseFraming(response, current);
  current.framing = framing;
  if (framing === "close" || isLastAnswer(current, response, connection)) {
    current.option = "close";
  } else {
    current.option = current.isHttp10 ? "keep-alive" : undefined;
  }
}

/** Whether the answer says `Connection: close`. */
function isLastAnswer(
  current: CurrentRequest,
  response: HttpResponse,
  { reader, limits, isEnding, requestCount }: ConnectionFacts,
): boolean {
  if (!current.head.keepsAlive || current.closesAfter) return true;
  if (requestCount === limits.maxRequestsPerConnection) return true;
  if (wireFields(response.fields).closes) return true;
  // What is pipelined already is answered, also when leaving.
  if (isEnding && reader.unreadBytes === 0) return true;
  // A handler that streams its answer may read the body to its end yet.
  const { body } = current.request;
  if (body.isBeingRead || body.isReadLate) return false;
  return !isWorthDraining(current, reader, limits);
}

/**
 * Decides how a connection goes on once a response has been sent, or once the
 * body has been read after it.
 */
export function afterAnswer(
  current: CurrentRequest,
  reader: RequestReader,
  limits: ConnectionLimits,
): "goOn" | "readBody" | "drainBody" | "close" {
  const isLast = current.option === "close" || current.closesAfter;
  if (reader.isBodyDone) return isLast ? "close" : "goOn";
  // A response framed by "close" is complete only when the connection ends.
  const isWhole = current.framing !== "close";
  if (isWhole && current.request.body.isReadLate) return "readBody";
  if (isLast) return "close";
  return isWorthDraining(current, reader, limits) ? "drainBody" : "close";
}

/** Whether what is left of a request's body is worth reading past. */
function isWorthDraining(
  current: CurrentRequest,
  reader: RequestReader,
  limits: ConnectionLimits,
): boolean {
  if (reader.isBodyDone) return true;
  // RFC 9110 §10.1.1: without a 100 the body may come, or never.
  if (current.awaitsContinue) return false;
  return reader.bodyRemainingBytes <= limits.maxUnreadBodyBytes;
}
