/** Counts what happens on connections. Runs per request. */
import { lostLogLines } from "../shared/logging/bounded-output.ts";
import { Counters } from "../shared/metrics/counters.ts";
import {
  Histogram,
  type HistogramValues,
} from "../shared/metrics/histogram.ts";
import { requestKey } from "../shared/metrics/request-labels.ts";
import { emptyRecord, type Totals } from "../shared/metrics/totals.ts";
import { loggable } from "../shared/thrown-value.ts";
import type { HttpRequest } from "./http/http-request.ts";
import { methodLabel } from "./http/method-label.ts";
import type {
  ConnectionObserver,
  Exchange,
} from "./http1/connection-context.ts";
import type { ParseErrorReason } from "./http1/protocol-error.ts";

/** Requests of one route, method and status. */
class Series {
  readonly durations = new Histogram();
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly key: string;
  reportedCount = 0;

  constructor(method: string, route: string, status: number) {
    this.method = method;
    this.route = route;
    this.status = status;
    this.key = requestKey({ method, status, route });
  }
}

/** route → method → status → series */
type SeriesTree = Map<string, Map<string, Series[]>>;

export class Meter extends Counters implements ConnectionObserver {
  readonly #tree: SeriesTree = new Map();
  readonly #all: Series[] = [];
  #last: Series | undefined = undefined;
  // Fields instead of `add()`, because they change with each request.
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

  onHandlerTimeout({ method, route, log }: HttpRequest): void {
    const text = "a handler took longer than handlerTimeoutMs";
    log.warn({ method, route }, text);
  }

  onParseError(reason: ParseErrorReason): void {
    this.count("parseErrors", reason);
  }

  onResponseError({ method, route, log }: HttpRequest, error: unknown): void {
    const fields = { err: loggable(error), method, route };
    log.error(fields, "a response could not be sent");
  }

  /** Returns all totals, but only the request series that changed. */
  snapshot(): Totals {
    const totals = this.totals();
    totals.numbers.requestBodyBytes = this.#requestBodyBytes;
    totals.numbers.responseBodyBytes = this.#responseBodyBytes;
    totals.numbers.lostLogLines = lostLogLines();
    totals.histograms.requests = this.#changedSeries();
    return totals;
  }

  #changedSeries(): Record<string, HistogramValues> {
    const changed = emptyRecord<HistogramValues>();
    for (const series of this.#all) {
      const { durations, key } = series;
      if (durations.count === series.reportedCount) continue;
      series.reportedCount = durations.count;
      changed[key] = durations.values();
    }
    return changed;
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
      this.#add(methodLabel(method), route, status)
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
