import type { HttpHeaders } from "../fields/http-headers.ts";
import type { HttpRequest } from "../http-request.ts";
import { HttpResponse } from "../http-response.ts";
import { encodeEvent } from "./encode-event.ts";
import { EventBody, type EventSource } from "./event-body.ts";

export interface ServerSentEventsOptions {
  /**
   * After so long without an event a comment is sent: proxies do not take the
   * connection for dead, and a client that is gone is found out. Default:
   * 15,000; 0 for never.
   */
  readonly heartbeatMs?: number;
  /** After how long the client is to come back. Default: it decides. */
  readonly retryMs?: number;
  /**
   * Of events that `send()` has taken and a slow client has not; beyond it the
   * stream ends, and the client comes back. Default: 1 MiB.
   */
  readonly maxQueuedBytes?: number;
}

const FIELDS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  // nginx would keep events until it has enough of them.
  "X-Accel-Buffering": "no",
};

/**
 * Answers with events as they come, for the `EventSource` of browsers.
 *
 * The stream ends when the source does, when the client leaves, and when the
 * worker is about to leave: clients then come back, to another worker, with
 * `Last-Event-ID`. However it ends, the source's `return()` is called, and
 * `client.signal` aborts.
 *
 * @throws TypeError for a source or an option that is none
 */
export function serverSentEvents(
  request: HttpRequest,
  source: EventSource,
  options: ServerSentEventsOptions = {},
): HttpResponse {
  const { heartbeatMs = 15_000, retryMs, maxQueuedBytes = 1_048_576 } = options;
  checkWhole("heartbeatMs", heartbeatMs);
  checkWhole("maxQueuedBytes", maxQueuedBytes);
  checkSource(source);
  const body = new EventBody({
    source,
    lastEventId: lastEventId(request.headers),
    drainSignal: request.drainSignal,
    heartbeatMs,
    maxQueuedBytes,
    opening: retryMs === undefined ? "" : encodeEvent({ retry: retryMs }),
  });
  return new HttpResponse(body, { headers: FIELDS });
}

/** It is sent as UTF-8, and fields are read as Latin-1. */
function lastEventId(headers: HttpHeaders): string | undefined {
  const sent = headers.get("last-event-id");
  return sent === undefined
    ? undefined
    : Buffer.from(sent, "latin1").toString();
}

function checkWhole(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new TypeError(
    `option ${name} of serverSentEvents() must be a whole number, 0 or more`,
  );
}

function checkSource(source: EventSource): void {
  if (typeof source === "function" || source?.[Symbol.asyncIterator]) return;
  throw new TypeError(
    "the source of serverSentEvents() is an async iterable or a function",
  );
}
