/** Whether a connection goes on after an answer: RFC 9112 §9.3 and §9.6. */
import type { HttpResponse } from "../http/response.ts";
import type { ConnectionLimits } from "./connection-context.ts";
import type { CurrentRequest } from "./current-request.ts";
import type { RequestReader } from "./request-reader.ts";
import type { ResponseFraming } from "./response-encoder.ts";
import { wireFields } from "./wire-fields.ts";

export interface ConnectionFacts {
  readonly framing: ResponseFraming;
  readonly reader: RequestReader;
  readonly limits: ConnectionLimits;
  /** Whether the worker, or the client, takes its leave. */
  readonly isLeaving: boolean;
  /** Requests on this connection, this one included. */
  readonly requestCount: number;
}

/** Whether the answer says `Connection: close`. */
export function isLastAnswer(
  current: CurrentRequest,
  response: HttpResponse,
  facts: ConnectionFacts,
): boolean {
  const { framing, reader, limits, isLeaving, requestCount } = facts;
  if (!current.head.keepsAlive || framing === "close") return true;
  if (requestCount === limits.maxRequestsPerConnection) return true;
  if (wireFields(response.fields).closes) return true;
  // What is pipelined already is answered, also when leaving.
  if (isLeaving && reader.unreadBytes === 0) return true;
  // A handler that streams its answer may read the body to its end yet.
  if (current.request.body.isRead) return false;
  return !isWorthDraining(current, reader, limits);
}

/** Whether what is left of a request's body is worth reading past. */
export function isWorthDraining(
  current: CurrentRequest,
  reader: RequestReader,
  limits: ConnectionLimits,
): boolean {
  if (reader.isBodyDone) return true;
  // RFC 9110 §10.1.1: without a 100 the body may come, or never.
  if (current.awaitsContinue) return false;
  return reader.bodyRemainingBytes <= limits.maxUnreadBodyBytes;
}
