/** Limits of a request: bytes, time, and places in the queue. */
import * as z from "zod";
import { MAX_TIMER_MS } from "../../max-timer-ms.ts";
import { documented, durationMs, integer, paths } from "./setting-kinds.ts";

export const limitSettings = {
  maxRequestLineBytes: integer(8_192, "Longer request lines get 414", 16),
  maxHeadBytes: integer(16_384, "Longer heads (or trailers) get 431", 64),
  maxFields: integer(100, "Heads (or trailers) with more fields get 431"),
  maxBodyBytes: documented(
    z.union([z.literal("auto"), z.int().min(0)]).default("auto"),
    'Longer request bodies get 413; "auto": 1 MiB, for existing apps any',
    'an integer, 0 or more, or "auto"',
  ),
  maxChunkExtensionBytes: integer(
    16_384,
    "Bodies with more bytes of chunk extensions get 431",
    0,
  ),
  maxUnreadBodyBytes: integer(
    65_536,
    "Bytes of an unread body that are drained to keep the connection",
    0,
  ),
  maxRequestsPerConnection: integer(
    0,
    "Requests that a connection may carry; 0: no limit",
    0,
  ),
};

export const timeoutSettings = {
  headTimeoutMs: durationMs(10_000, "Time limit for a complete head; then 408"),
  bodyTimeoutMs: durationMs(30_000, "Longest pause within a body; then 408"),
  handlerTimeoutMs: durationMs(
    60_000,
    "Time limit for a handler to answer; then 503; 0: no limit",
    0,
  ),
  minBodyBytesPerSecond: integer(
    240,
    "Lowest rate of a body after bodyTimeoutMs; below it 408; 0: no limit",
    0,
  ),
  keepAliveTimeoutMs: durationMs(
    75_000,
    "When an idle connection is closed; keep it above the balancer's",
  ),
  writeTimeoutMs: durationMs(
    30_000,
    "Longest time that a client may read nothing; then it is disconnected",
  ),
  lingeringCloseTimeoutMs: durationMs(
    5_000,
    "How long to read after a close, so that the client gets its response",
  ),
};

export const loadSheddingSettings = {
  maxConnections: documented(
    z.union([z.literal("auto"), z.int().min(0)]).default("auto"),
    'Connections of a worker; others get 503; "auto": by ulimit -n; 0: any',
    'an integer, 0 or more, or "auto"',
  ),
  maxConcurrentRequests: integer(
    0,
    "Requests that a worker handles at a time; 0: no limit",
    0,
  ),
  maxQueuedRequests: integer(
    0,
    "Requests that may wait in a worker; others get 503",
    0,
  ),
  queueTimeoutMs: durationMs(1_000, "Time limit of that wait; then 503"),
  maxEventLoopDelayMs: integer(
    0,
    "Event-loop delay above which a worker answers 503; 0: no limit",
    0,
    MAX_TIMER_MS,
  ),
  shedExemptPaths: paths(
    ["/healthz", "/livez", "/readyz"],
    "Paths that are always handled, separated by commas",
  ),
};
