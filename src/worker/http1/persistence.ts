/**
 * How a response goes out, and whether its connection goes on after it:
 * RFC 9112 §9.3 and §9.6. Runs per response.
 */
import type { HttpResponse } from "../http/response.ts";
import type { ConnectionLimits } from "./connection-context.ts";
import type { CurrentRequest } from "./current-request.ts";
import type { RequestReader } from "./request-reader.ts";
import { responseFraming } from "./response-encoder.ts";
import type { ResponseForm } from "./response-sender.ts";
import { wireFields } from "./wire-fields.ts";

export interface ConnectionFacts {
  readonly reader: RequestReader;
  readonly limits: ConnectionLimits;
  /** Whether the worker, or the client, takes its leave. */
  readonly isLeaving: boolean;
  /** Requests on this connection, this one included. */
  readonly requestCount: number;
  /** In monotonic milliseconds. */
  readonly now: number;
}

/** @throws TypeError where the response cannot be sent as it is */
export function responseForm(
  current: CurrentRequest,
  response: HttpResponse,
  facts: ConnectionFacts,
): ResponseForm {
  const { isHead, isHttp10 } = current;
  const { now } = facts;
  const framing = responseFraming(response, current);
  if (framing === "close" || isLastAnswer(current, response, facts)) {
    return { framing, option: "close", isHead, now };
  }
  const option = isHttp10 ? "keep-alive" : undefined;
  return { framing, option, isHead, now };
}

/** Whether the answer says `Connection: close`. */
function isLastAnswer(
  current: CurrentRequest,
  response: HttpResponse,
  facts: ConnectionFacts,
): boolean {
  const { reader, limits, isLeaving, requestCount } = facts;
  if (!current.head.keepsAlive) return true;
  if (requestCount === limits.maxRequestsPerConnection) return true;
  if (wireFields(response.fields).closes) return true;
  // What is pipelined already is answered, also when leaving.
  if (isLeaving && reader.unreadBytes === 0) return true;
  // A handler that streams its answer may read the body to its end yet.
  if (current.request.body.isBeingRead) return false;
  return !isWorthDraining(current, reader, limits);
}

/** What a connection does once an answer has been sent. */
export function afterAnswer(
  current: CurrentRequest,
  reader: RequestReader,
  limits: ConnectionLimits,
): "goOn" | "drainBody" | "close" {
  if (current.closesAfter) return "close";
  if (reader.isBodyDone) return "goOn";
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
