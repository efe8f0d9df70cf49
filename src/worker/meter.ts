/** Counts what connections do. Runs per request. */

import { lostLogLines } from "../shared/bounded-output.ts";
import { processLogger } from "../shared/logger.ts";
import { Histogram } from "../shared/metrics/histogram.ts";
import type {
  RequestSeries,
  WorkerSnapshot,
} from "../shared/metrics/worker-snapshot.ts";
import { loggable } from "../shared/thrown-value.ts";
import type { HttpRequest } from "./http/http-request.ts";
import type {
  ConnectionObserver,
  Exchange,
} from "./http1/connection-context.ts";
import type { ParseErrorReason } from "./http1/protocol-error.ts";
import type { ShedReason } from "./load-shedder.ts";
import type { ConnectionDrop } from "./net/listener.ts";
import type { ProxyHeaderFailure } from "./net/proxy-headers.ts";
import type { HandshakeFailure } from "./net/tls-handshakes.ts";

/** Methods that may be a label; others are "_OTHER" (OpenTelemetry). */
const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
]);

class Series {
  readonly durations = new Histogram();
  readonly method: string;
  readonly route: string;
  readonly status: number;
  reportedCount = 0;

  constructor(method: string, route: string, status: number) {
    this.method = method;
    this.route = route;
    this.status = status;
  }

  values(): RequestSeries {
    const { method, route, status } = this;
    return { method, route, status, ...this.durations.values() };
  }
}

/** route → method → status → series */
type SeriesTree = Map<string, Map<string, Series[]>>;

export class Meter implements ConnectionObserver {
  readonly #tree: SeriesTree = new Map();
  readonly #all: Series[] = [];
  #last: Series | undefined = undefined;
  readonly #eventLoopDelay = new Histogram();
  readonly #parseErrors: Record<string, number> = {};
  readonly #tlsHandshakeErrors: Record<string, number> = {};
  readonly #proxyHeaderErrors: Record<string, number> = {};
  readonly #rateLimited: Record<string, number> = {};
  readonly #rateLimitStoreErrors: Record<string, number> = {};
  // From zero on: a rate sees the first one too.
  readonly #requestsShed: Record<ShedReason, number> = {
    connections: 0,
    event_loop_delay: 0,
    queue_full: 0,
    queue_timeout: 0,
  };
  readonly #connectionsDropped: Record<ConnectionDrop, number> = {
    descriptors: 0,
    max_connections: 0,
    accept_failed: 0,
  };
  #acceptedConnections = 0;
  #requestBodyBytes = 0;
  #responseBodyBytes = 0;
  #activeRequests = 0;

  get activeRequests(): number {
    return this.#activeRequests;
  }

  onRequest(): void {
    this.#activeRequests++;
  }

  onResponse(exchange: Exchange): void {
    const { request, status, seconds } = exchange;
    this.#activeRequests--;
    this.#requestBodyBytes += exchange.requestBodyBytes;
    this.#responseBodyBytes += exchange.responseBodyBytes;
    this.#series(request, status).durations.observe(seconds);
  }

  onAbort(_request: HttpRequest): void {
    this.#activeRequests--;
  }

  onHandlerTimeout({ method, route }: HttpRequest): void {
    const text = "a handler took longer than handlerTimeoutMs";
    processLogger().warn({ method, route }, text);
  }

  onParseError(reason: ParseErrorReason): void {
    countIn(this.#parseErrors, reason);
  }

  onTlsHandshakeError(reason: HandshakeFailure): void {
    countIn(this.#tlsHandshakeErrors, reason);
  }

  onProxyHeaderError(reason: ProxyHeaderFailure): void {
    countIn(this.#proxyHeaderErrors, reason);
  }

  onRateLimited(policy: string): void {
    countIn(this.#rateLimited, policy);
  }

  onRateLimitStoreError(store: string): void {
    countIn(this.#rateLimitStoreErrors, store);
  }

  onShed(reason: ShedReason): void {
    this.#requestsShed[reason]++;
  }

  onResponseError({ method, route }: HttpRequest, error: unknown): void {
    const fields = { err: loggable(error), method, route };
    processLogger().error(fields, "a response could not be sent");
  }

  onConnectionDropped(reason: ConnectionDrop): void {
    this.#connectionsDropped[reason]++;
  }

  onAccept(): void {
    this.#acceptedConnections++;
  }

  onEventLoopDelay(seconds: number): void {
    this.#eventLoopDelay.observe(seconds);
  }

  /** What was counted; of the requests, the series that changed. */
  snapshot(): WorkerSnapshot {
    const changed = this.#all.filter((series) => {
      return series.durations.count > series.reportedCount;
    });
    for (const series of changed) {
      series.reportedCount = series.durations.count;
    }
    return {
      requests: changed.map((series) => series.values()),
      acceptedConnections: this.#acceptedConnections,
      connectionsDropped: { ...this.#connectionsDropped },
      requestBodyBytes: this.#requestBodyBytes,
      responseBodyBytes: this.#responseBodyBytes,
      parseErrors: { ...this.#parseErrors },
      tlsHandshakeErrors: { ...this.#tlsHandshakeErrors },
      proxyHeaderErrors: { ...this.#proxyHeaderErrors },
      requestsShed: { ...this.#requestsShed },
      rateLimited: { ...this.#rateLimited },
      rateLimitStoreErrors: { ...this.#rateLimitStoreErrors },
      lostLogLines: lostLogLines(),
      eventLoopDelay: this.#eventLoopDelay.values(),
    };
  }

  #series({ method, route = "" }: HttpRequest, status: number): Series {
    const last = this.#last;
    const isSame =
      last?.route === route && last.method === method && last.status === status;
    if (!isSame) this.#last = this.#find(method, route, status);
    return this.#last as Series;
  }

  #find(method: string, route: string, status: number): Series {
    return (
      this.#tree.get(route)?.get(method)?.[status] ??
      this.#add(METHODS.has(method) ? method : "_OTHER", route, status)
    );
  }

  #add(method: string, route: string, status: number): Series {
    const byMethod = this.#tree.get(route) ?? new Map<string, Series[]>();
    const byStatus = byMethod.get(method) ?? [];
    let series = byStatus[status];
    if (!series) {
      series = new Series(method, route, status);
      byStatus[status] = series;
      byMethod.set(method, byStatus);
      this.#tree.set(route, byMethod);
      this.#all.push(series);
    }
    return series;
  }
}

function countIn(counts: Record<string, number>, reason: string): void {
  // A name may be that of something every object has.
  counts[reason] = Object.hasOwn(counts, reason)
    ? (counts[reason] as number) + 1
    : 1;
}
