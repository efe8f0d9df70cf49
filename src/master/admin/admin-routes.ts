import type { MetricSources } from "../metrics/exposition.ts";
import { exposition } from "../metrics/exposition.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import {
  type AdminAnswer,
  type AdminRoutes,
  jsonAnswer,
  textAnswer,
} from "./admin-server.ts";
import { masterReadiness } from "./server-readiness.ts";
import { type StatusSources, statusReport } from "./status-report.ts";

export interface AdminSources {
  readonly status: () => StatusSources;
  readonly metrics: () => MetricSources;
}

/** The pages of the admin server. */
export function adminRoutes({ status, metrics }: AdminSources): AdminRoutes {
  const ready = () => {
    const { isReady, why } = masterReadiness(status());
    return textAnswer(isReady ? 200 : 503, isReady ? "ready" : why);
  };
  const health = () => {
    const sources = status();
    const { isReady, why } = masterReadiness(sources);
    const failing = failingChecks(sources.workers);
    const report = statusReport(sources);
    const isWell = isReady && failing.length === 0 && !report.degraded;
    return jsonAnswer(isWell ? 200 : 503, {
      status: isWell ? "pass" : "fail",
      readiness: why,
      failing,
      degraded: report.degraded,
      phase: report.phase,
      workers: report.workers,
    });
  };
  return new Map<string, () => AdminAnswer | Promise<AdminAnswer>>([
    ["/livez", () => textAnswer(200, "alive")],
    ["/readyz", ready],
    ["/healthz", health],
    ["/status", () => jsonAnswer(200, statusReport(status()))],
    ["/metrics", () => exposition(metrics())],
  ]);
}

/** Names of the app's checks that fail in a ready worker. */
function failingChecks(workers: readonly WorkerHandle[]): string[] {
  const serving = workers.filter(({ state }) => state === "ready");
  const failed = serving
    .flatMap(({ checks }) => checks)
    .filter(({ failure }) => failure !== undefined);
  return [...new Set(failed.map(({ name }) => name))];
}
