/** The JSON of `/requests`: what was answered, in total and by route. */
import {
  addHistograms,
  DURATION_BUCKETS,
  type HistogramValues,
} from "../../shared/metrics/histogram.ts";
import { requestLabels } from "../../shared/metrics/request-labels.ts";
import type { Totals } from "../../shared/metrics/totals.ts";

/** Routes in the report: those with the most requests. */
const MAX_ROUTES = 1_000;

export interface RequestFigures {
  /** Requests answered since the first master started. */
  readonly count: number;
  /** Those of them with a status of 500 or more. */
  readonly errors: number;
  /** Requests by duration, not cumulative; the last bucket is +Inf. */
  readonly buckets: readonly number[];
}

export interface RouteFigures extends RequestFigures {
  /** The template; null for requests that no route matched. */
  readonly route: string | null;
}

export interface RequestReport {
  /** Upper bounds of the buckets, in seconds. */
  readonly bucketSeconds: readonly number[];
  readonly total: RequestFigures;
  readonly routes: readonly RouteFigures[];
}

export function requestReport({ histograms }: Totals): RequestReport {
  const byRoute = new Map<string, Sum>();
  const total = new Sum();
  for (const [key, series] of Object.entries(histograms.requests ?? {})) {
    const { route, status } = requestLabels(key);
    const sum = byRoute.get(route) ?? new Sum();
    byRoute.set(route, sum);
    for (const each of [sum, total]) each.add(series, status >= 500);
  }
  const busiest = [...byRoute]
    .sort(([, one], [, other]) => other.count - one.count)
    .slice(0, MAX_ROUTES);
  return {
    bucketSeconds: DURATION_BUCKETS,
    total: total.figures,
    routes: busiest.map(([route, sum]) => {
      return { route: route === "" ? null : route, ...sum.figures };
    }),
  };
}

const NONE: HistogramValues = {
  count: 0,
  sum: 0,
  buckets: [...DURATION_BUCKETS, Number.POSITIVE_INFINITY].map(() => 0),
};

class Sum {
  #series = NONE;
  #errors = 0;

  add(series: HistogramValues, isError: boolean): void {
    this.#series = addHistograms(this.#series, series);
    if (isError) this.#errors += series.count;
  }

  get count(): number {
    return this.#series.count;
  }

  get figures(): RequestFigures {
    const { count, buckets } = this.#series;
    return { count, errors: this.#errors, buckets };
  }
}
