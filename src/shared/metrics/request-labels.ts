export interface RequestLabels {
  readonly method: string;
  readonly status: number;
  /** The route's template; "" where no route matched. */
  readonly route: string;
}

/** The key of a request series in `Totals`. Only the route may have spaces. */
export function requestKey({ method, status, route }: RequestLabels): string {
  return `${method} ${status} ${route}`;
}

export function requestLabels(key: string): RequestLabels {
  const [method = "", status = ""] = key.split(" ", 2);
  const route = key.slice(method.length + status.length + 2);
  return { method, status: Number(status), route };
}
