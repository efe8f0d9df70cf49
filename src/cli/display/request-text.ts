/** The rates of requests as text: a line for all, and a table of routes. */
import { countText, latencyText, shareText } from "./format.ts";
import type { RequestRate, RequestRates, RouteRate } from "./request-rates.ts";
import { fittingTable, type TableColumn } from "./text-table.ts";

interface RouteColumn extends TableColumn {
  readonly cell: (route: RouteRate) => string;
}

const MAX_ROUTES = 5;
/** A rate below this has a digit after the point. */
const LOW_RATE = 10;

const COLUMNS: readonly RouteColumn[] = [
  {
    ...{ title: "REQ/S", isNumber: true },
    cell: ({ perSecond }) => rateText(perSecond),
  },
  {
    ...{ title: "P50", isNumber: true, importance: 1 },
    cell: ({ p50Seconds }) => latencyText(p50Seconds),
  },
  {
    ...{ title: "P99", isNumber: true, importance: 3 },
    cell: ({ p99Seconds }) => latencyText(p99Seconds),
  },
  {
    ...{ title: "ERRORS", isNumber: true, importance: 2 },
    cell: ({ errorShare }) => errorText(errorShare),
  },
  { title: "ROUTE", cell: ({ route }) => route ?? "(no route)" },
];

/** `1 204/s, p50 0.4 ms, p99 12 ms, 0.1 % errors` */
export function requestsText({ total }: RequestRates): string {
  const { perSecond, p50Seconds, p99Seconds, errorShare } = total;
  return [
    `${rateText(perSecond)}/s`,
    `p50 ${latencyText(p50Seconds)}`,
    `p99 ${latencyText(p99Seconds)}`,
    `${errorText(errorShare)} errors`,
  ].join(", ");
}

/** The lines of a table of the busiest routes; none without requests. */
export function routeLines(
  { routes }: RequestRates,
  maxColumns: number,
): string[] {
  if (routes.length === 0) return [];
  const rows = routes.slice(0, MAX_ROUTES).map((route) => {
    return COLUMNS.map(({ cell }) => cell(route));
  });
  return fittingTable(COLUMNS, rows, maxColumns);
}

function rateText(perSecond: number): string {
  const isLow = perSecond > 0 && perSecond < LOW_RATE;
  return isLow ? perSecond.toFixed(1) : countText(perSecond);
}

function errorText(share: RequestRate["errorShare"]): string {
  if (share === undefined) return "-";
  const isSmall = share > 0 && share < 0.1;
  return isSmall ? `${(share * 100).toFixed(1)} %` : shareText(share);
}
