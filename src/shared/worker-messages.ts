/**
 * Validates messages of a worker on arrival, because an app can write to the
 * channel too. No message may decrease a counter. Only the master imports this
 * module, so a worker does not load zod.
 */
import * as z from "zod";
import { MAX_BEGUN_BYTES, type WorkerMessage } from "./ipc-messages.ts";
import { MAX_TIMER_MS } from "./max-timer-ms.ts";
import {
  GAUGE_AGGREGATORS,
  LABEL_NAME,
  METRIC_NAME,
  METRIC_TYPES,
} from "./metrics/app-metrics.ts";
import { exactSeconds } from "./metrics/exact-seconds.ts";
import { BUCKET_COUNT } from "./metrics/histogram.ts";
import { MAX_SESSION_CHARS } from "./recent-sessions.ts";

/** Largest exact sum of seconds: see `exactSeconds`. */
const MAX_SECONDS = 2 ** 33;

/** In base64. */
const MAX_BEGUN_CHARS = Math.ceil(MAX_BEGUN_BYTES / 3) * 4;

const count = z.int().min(0);
const counts = z.record(z.string(), count);
const text = z.string();
const session = text.max(MAX_SESSION_CHARS);
const figure = z.number().min(0);

const histogram = z.object({
  count,
  sum: z.number().min(0).max(MAX_SECONDS).transform(exactSeconds),
  buckets: z.array(count).length(BUCKET_COUNT),
});

const totals = z.object({
  numbers: counts,
  labelled: z.record(text, counts),
  histograms: z.record(text, z.record(text, histogram)),
});

const report = z.object({
  // Gauges are not accumulated: the next report replaces a wrong value.
  gauges: z.object({
    openConnections: z.number(),
    idleConnections: z.number(),
    activeRequests: z.number(),
    eventLoopUtilization: z.number(),
  }),
  totals,
  checks: z.array(
    z.object({
      name: text,
      ageSeconds: z.number(),
      failure: z.optional(text),
    }),
  ),
});

const appFamily = z.object({
  name: text.regex(METRIC_NAME),
  type: z.enum(METRIC_TYPES),
  help: text,
  aggregator: z.enum(GAUGE_AGGREGATORS),
  labelNames: z.array(text.regex(LABEL_NAME)),
  bounds: z.array(text),
});

// Anything else would make `/metrics` unreadable.
const SERIES =
  /^(?:_bucket|_sum|_count)?(?:\{(?:[A-Za-z_][A-Za-z0-9_]*="(?:[^"\\\n]|\\.)*",)*[A-Za-z_][A-Za-z0-9_]*="(?:[^"\\\n]|\\.)*"\})?$/;
const EXEMPLAR =
  /^\{(?:(?:[A-Za-z_][A-Za-z0-9_]*="(?:[^"\\\n]|\\.)*",)*[A-Za-z_][A-Za-z0-9_]*="(?:[^"\\\n]|\\.)*")?\} [+\-.0-9eInfNa]+ [.0-9e+]+$/;
const seriesValue = z.union([z.number(), z.enum(["NaN", "+Inf", "-Inf"])]);

const appMetricsPush = z.object({
  families: z.array(appFamily),
  series: z.array(z.tuple([count, count, text.regex(SERIES)])),
  values: z.array(seriesValue),
  removed: z.array(count),
  exemplars: z.array(z.tuple([count, text.regex(EXEMPLAR)])),
});

const schema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello") }),
  z.object({
    type: z.literal("ready"),
    routes: z.array(z.object({ method: text, pattern: text })),
    hasApp: z.boolean(),
  }),
  z.object({
    type: z.literal("bind"),
    id: count,
    address: z.union([
      z.literal("configured"),
      z.object({
        port: count.max(65_535),
        host: z.optional(text),
        ipv6Only: z.optional(z.boolean()),
        ordinal: z.optional(count),
      }),
      z.object({ socketPath: text, mode: z.optional(text) }),
    ]),
    backlog: z.optional(count),
    isTls: z.optional(z.boolean()),
  }),
  z.object({ type: z.literal("unbind"), listener: count }),
  z.object({
    type: z.literal("failed"),
    message: text,
    stack: z.optional(text),
  }),
  z.object({ type: z.literal("accepted"), id: count }),
  z.object({ type: z.literal("connections"), openConnections: count }),
  z.object({ type: z.literal("heartbeat"), report }),
  z.object({ type: z.literal("appMetrics"), push: appMetricsPush }),
  z.object({
    type: z.literal("count"),
    id: count,
    entries: z.array(
      z.object({
        key: text,
        points: figure,
        windowMs: figure.max(MAX_TIMER_MS),
      }),
    ),
  }),
  z.object({ type: z.literal("broadcast"), json: text }),
  z.object({ type: z.literal("ownSession"), session }),
  z.object({
    type: z.literal("handOver"),
    listener: count,
    mayOwn: z.boolean(),
    session,
    bytes: text.max(MAX_BEGUN_CHARS),
    proxyHeader: z.optional(z.unknown()),
  }),
  z.object({ type: z.literal("retire"), why: text }),
  z.object({ type: z.literal("leaving"), report }),
]);

/** @throws Error that names the first invalid part */
export function parseWorkerMessage(value: unknown): WorkerMessage {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data as WorkerMessage;
  const [issue] = error.issues;
  const place = issue?.path.join(".");
  throw new Error(`${place || "it"}: ${issue?.message}`);
}
