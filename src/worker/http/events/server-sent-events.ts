import type { HttpHeaders } from "../fields/http-headers.ts";
import type { HttpRequest } from "../http-request.ts";
import { HttpResponse } from "../http-response.ts";
import { encodeEvent } from "./encode-event.ts";
import { EventBody, type EventSource } from "./event-body.ts";

export interface ServerSentEventsOptions {
  /**
   * Time without an event after which a comment is sent. It keeps proxies from
   * closing the connection, and detects a client that is gone. Default: 15,000;
   * 0 disables it.
   */
  readonly heartbeatMs?: number;
  /** Delay before the client reconnects. Default: the client's own. */
  readonly retryMs?: number;
  /**
   * Limit on events that `send()` has queued for a slow client. Beyond it the
   * stream ends, and the client reconnects. Default: 1 MiB.
   */
  readonly maxQueuedBytes?: number;
}

const FIELDS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  // Keeps nginx from buffering events.
  "X-Accel-Buffering": "no",
};

/**
 * A response that streams events, for the `EventSource` of browsers.
 *
 * The stream ends when the source ends, when the client leaves, and when the
 * worker starts to drain: clients then reconnect to another worker, with
 * `Last-Event-ID`. In every case the source's `return()` is called, and
 * `client.signal` aborts.
 *
 * @throws TypeError for an invalid source or option
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

/** Clients send it in UTF-8, but fields are decoded as Latin-1. */
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
