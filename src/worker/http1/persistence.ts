/**
 * How a response is framed, and whether the connection persists after it:
 * RFC 9112 §9.3 and §9.6. Runs per response.
 */
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import type { ConnectionLimits } from "./connection-context.ts";
import type { RequestHead } from "./head/request-head.ts";
import type { RequestReader } from "./request-reader.ts";
import {
  type ConnectionOption,
  type ResponseFraming,
  responseFraming,
} from "./response-encoder.ts";
import { wireFields } from "./wire-fields.ts";

/** A request and the form of its response. */
export interface RespondedRequest {
  readonly head: RequestHead;
  readonly request: HttpRequest;
  /** Whether the client waits for "100 Continue". */
  readonly isAwaiting100: boolean;
  readonly isHead: boolean;
  readonly isHttp10: boolean;
  framing: ResponseFraming;
  /** "close" already before the response where the handler asked for it. */
  option: ConnectionOption;
}

export interface ConnectionFacts {
  readonly reader: RequestReader;
  readonly limits: ConnectionLimits;
  /** Whether server, worker or client will not go on after this response. */
  readonly isEnding: boolean;
  /** Requests on this connection, this one included. */
  readonly requestCount: number;
}

/**
 * Sets `framing` and `option` for a response.
 *
 * @throws TypeError for a response that cannot be sent
 */
export function formResponse(
  exchange: RespondedRequest,
  response: HttpResponse,
  connection: ConnectionFacts,
): void {
  const framing = responseFraming(response, exchange);
  exchange.framing = framing;
  if (framing === "close" || isLastResponse(exchange, response, connection)) {
    exchange.option = "close";
  } else {
    exchange.option = exchange.isHttp10 ? "keep-alive" : undefined;
  }
}

/** Whether the response says `Connection: close`. */
function isLastResponse(
  exchange: RespondedRequest,
  response: HttpResponse,
  { reader, limits, isEnding, requestCount }: ConnectionFacts,
): boolean {
  if (!exchange.head.keepsAlive || exchange.option === "close") return true;
  if (requestCount === limits.maxRequestsPerConnection) return true;
  if (wireFields(response.fields).closes) return true;
  // Requests that are pipelined already are answered before the end.
  if (isEnding && reader.unreadBytes === 0) return true;
  // A handler that streams its response may still read the body to its end.
  const { body } = exchange.request;
  if (body.isBeingRead || body.isReadLate) return false;
  return !isWorthDraining(exchange, reader, limits);
}

/** Whether the connection awaits the next request at once. */
export function persists(
  { option }: RespondedRequest,
  { isBodyDone }: RequestReader,
): boolean {
  return isBodyDone && option !== "close";
}

/**
 * Decides how the connection goes on after the response was sent, or after the
 * rest of the request body has been read.
 */
export function afterResponse(
  exchange: RespondedRequest,
  reader: RequestReader,
  limits: ConnectionLimits,
): "receiveBody" | "drainBody" | "close" {
  const isLast = exchange.option === "close";
  if (reader.isBodyDone) return "close";
  // A response framed by "close" is complete only when the connection ends.
  const isComplete = exchange.framing !== "close";
  if (isComplete && exchange.request.body.isReadLate) return "receiveBody";
  if (isLast) return "close";
  return isWorthDraining(exchange, reader, limits) ? "drainBody" : "close";
}

/** Whether the rest of the request body is short enough to be read. */
function isWorthDraining(
  { isAwaiting100 }: RespondedRequest,
  reader: RequestReader,
  limits: ConnectionLimits,
): boolean {
  if (reader.isBodyDone) return true;
  // RFC 9110 §10.1.1: without a 100 the body may come or not.
  if (isAwaiting100) return false;
  return reader.bodyRemainingBytes <= limits.maxUnreadBodyBytes;
}
