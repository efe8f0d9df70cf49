import { collectDefaultMetrics, Histogram } from "prom-client";

collectDefaultMetrics();

/** What Remuda counts by itself: by method, route and status. */
export const durations = new Histogram({
  name: "http_server_request_duration_seconds",
  help: "Time to answer a request",
  labelNames: ["method", "route", "status"],
});
