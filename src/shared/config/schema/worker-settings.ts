/** The number of workers, and when they are replaced. */

import * as z from "zod";
import { MAX_WORKERS } from "../../max-workers.ts";
import {
  choice,
  documented,
  durationMs,
  flag,
  integer,
  path,
  ratio,
} from "./setting-kinds.ts";

const workerCount = z.int().min(1).max(MAX_WORKERS);
const workerRange = z
  .strictObject({
    min: workerCount,
    max: z.union([z.literal("cores"), workerCount]),
  })
  .refine(({ min, max }) => max === "cores" || min <= max);

/** The form in a flag or a variable: "2-8", "1-cores". */
const workerRangeText = z
  .string()
  .regex(/^\d+-(?:\d+|cores)$/)
  .transform((text) => {
    const [min, max] = text.split("-");
    return { min: Number(min), max: max === "cores" ? max : Number(max) };
  })
  .pipe(workerRange);

const workers = documented(
  z
    .union([z.literal("cores"), workerCount, workerRange, workerRangeText])
    .default("cores"),
  'Worker processes: a number, "cores", or a range by load, as 2-8, 1-cores',
  `an integer, 1 to ${MAX_WORKERS}, "cores", or a range: 2-8, 1-cores, { min, max }`,
);

const autoscale = z
  .strictObject({
    upUtilization: ratio(
      0.75,
      "Mean event-loop utilization above which workers are added",
    ),
    downUtilization: ratio(
      0.5,
      "A worker is removed if the others would stay below this utilization",
    ),
    upAfterMs: durationMs(
      5_000,
      "Period of that mean before workers are added",
      1_000,
    ),
    downAfterMs: durationMs(
      60_000,
      "How long utilization must stay low before a worker is removed",
      1_000,
    ),
  })
  .prefault({});

const crashLoop = z
  .strictObject({
    maxFailures: integer(
      5,
      "Worker failures within the window that mark the server degraded",
    ),
    windowMs: durationMs(
      60_000,
      "That window; without a failure for as long, the server has recovered",
    ),
  })
  .prefault({});

export const workerSettings = {
  workers,
  scheduling: choice(
    ["balanced", "shared"],
    "balanced",
    "Who accepts: the master, for the least busy worker, or every worker",
  ),
  minReady: integer(1, "Ready workers needed for /readyz to say ready"),
  slowStartMs: durationMs(
    0,
    "How long a new worker gets fewer connections than others (balanced)",
    0,
  ),
  startTimeoutMs: durationMs(30_000, "Time limit for a worker to become ready"),
  waitReady: flag(
    'A worker is ready only when the app has called process.send("ready")',
  ),
  upgradeTimeoutMs: durationMs(
    60_000,
    "Time limit for a new master to take over; then the upgrade fails",
  ),
  heartbeatTimeoutMs: durationMs(
    10_000,
    "A worker without a heartbeat for this long is killed and replaced",
    2_000,
  ),
  autoscale,
  watchdog: flag(
    "A thread in each worker that reports where it is stuck, and ends it",
    true,
  ),
  maxWorkerMemoryBytes: integer(
    0,
    "A worker above this is replaced, above twice this killed; 0: no limit",
    0,
  ),
  maxRequestsPerWorker: integer(
    0,
    "A worker is replaced before it answers more requests; 0: no limit",
    0,
  ),
  maxWorkerAgeMs: durationMs(
    0,
    "A worker is replaced before it is older; 0: no limit",
    0,
  ),
  crashLoop,
  reportDir: path(
    "Folder for reports on workers that had to be killed; see Reports",
  ),
};
