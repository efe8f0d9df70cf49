/** The metrics of the app, which the master exports. */
import * as z from "zod";
import { METRIC_NAME } from "../../metrics/app-metrics.ts";
import { documented, flag, integer, MIB } from "./setting-kinds.ts";

export const metricsSettings = z
  .strictObject({
    processMetrics: flag("Export metrics of Node.js itself, for each worker"),
    perWorker: documented(
      z.array(z.string().regex(METRIC_NAME)).default([]),
      'Metrics of the app that keep a label "worker", separated by commas',
      "a list of names of metrics",
    ),
    maxSeries: integer(
      20_000,
      "Series of the app's metrics that each worker may have",
      1,
      1_000_000,
    ),
    maxPushBytes: integer(
      4 * MIB,
      "About the most bytes of metrics that a worker sends each second",
      16 * 1024,
      256 * MIB,
    ),
  })
  .prefault({});
