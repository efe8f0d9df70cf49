import type { RequestSeries } from "./worker-snapshot.ts";

/** The labels of a series in one text, to find it by. */
export function labelsOf({ method, status, route }: RequestSeries): string {
  return `${method} ${status} ${route}`;
}
