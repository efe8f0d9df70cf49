import type {
  RequestFigures,
  RequestReport,
} from "../../master/admin/request-report.ts";

/** Requests answered between two readings. */
export interface RequestRate {
  readonly perSecond: number;
  /** Share with a status of 500 or more; undefined without requests. */
  readonly errorShare: number | undefined;
  /** Undefined without requests; Infinity above the largest bucket. */
  readonly p50Seconds: number | undefined;
  readonly p99Seconds: number | undefined;
}

export interface RouteRate extends RequestRate {
  readonly route: string | null;
}

export interface RequestRates {
  readonly total: RequestRate;
  /** Routes with requests, the busiest first. */
  readonly routes: readonly RouteRate[];
}

/** The rates between two readings. */
export function requestRates(
  before: RequestReport,
  now: RequestReport,
  seconds: number,
): RequestRates {
  const { bucketSeconds } = now;
  const old = new Map(before.routes.map((each) => [each.route, each]));
  const rateOf = (figures: RequestFigures, earlier?: RequestFigures) => {
    return rate(changeOf(figures, earlier), bucketSeconds, seconds);
  };
  const routes = now.routes
    .map(({ route, ...figures }) => {
      return { route, ...rateOf(figures, old.get(route)) };
    })
    .filter(({ perSecond }) => perSecond > 0)
    .sort((one, other) => other.perSecond - one.perSecond);
  return { total: rateOf(now.total, before.total), routes };
}

/** The counts of another daemon at the same place may be lower. */
function changeOf(
  now: RequestFigures,
  before: RequestFigures | undefined,
): RequestFigures {
  if (!before || before.count > now.count) return now;
  return {
    count: now.count - before.count,
    errors: now.errors - before.errors,
    buckets: now.buckets.map((value, at) => value - (before.buckets[at] ?? 0)),
  };
}

function rate(
  { count, errors, buckets }: RequestFigures,
  bounds: readonly number[],
  seconds: number,
): RequestRate {
  return {
    perSecond: count / seconds,
    errorShare: count === 0 ? undefined : errors / count,
    p50Seconds: quantile(0.5, buckets, bounds),
    p99Seconds: quantile(0.99, buckets, bounds),
  };
}

/**
 * As Prometheus does in `histogram_quantile()`: durations are taken to be
 * spread evenly in their bucket.
 *
 * @param buckets observations in each bucket, not cumulative
 * @param bounds upper bounds of all buckets but the last
 */
export function quantile(
  share: number,
  buckets: readonly number[],
  bounds: readonly number[],
): number | undefined {
  const count = buckets.reduce((sum, each) => sum + each, 0);
  if (count === 0) return undefined;
  const wanted = share * count;
  let below = 0;
  for (const [at, inBucket] of buckets.entries()) {
    if (inBucket > 0 && below + inBucket >= wanted) {
      const upper = bounds[at];
      if (upper === undefined) return Number.POSITIVE_INFINITY;
      const lower = bounds[at - 1] ?? 0;
      return lower + (upper - lower) * ((wanted - below) / inBucket);
    }
    below += inBucket;
  }
  return Number.POSITIVE_INFINITY;
}
