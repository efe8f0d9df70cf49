import type { Clock } from "../../shared/clock.ts";
import { listenersOf } from "../../shared/config/listeners-of.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import { packageVersion } from "../../shared/package-version.ts";
import type { AppCollisions } from "../metrics/app/app-collisions.ts";
import { exposition, type MetricSources } from "../metrics/exposition.ts";
import type { ServerTotals } from "../metrics/server-totals.ts";
import {
  type ListenerSet,
  type Listening,
  schemeOf,
} from "../sockets/listener-set.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import type { WorkerPool } from "../supervisor/workers/worker-pool.ts";
import {
  type AdminAnswer,
  type AdminPages,
  type AdminRequest,
  type AdminRoutes,
  jsonAnswer,
  textAnswer,
} from "./admin-server.ts";
import { type Control, controlRoutes } from "./control.ts";
import type { InspectionCalls } from "./inspection/inspection-calls.ts";
import { inspectionRoutes } from "./inspection/inspection-routes.ts";
import type { MasterPorts } from "./master-ports.ts";
import { requestReport } from "./request-report.ts";
import { masterReadiness } from "./server-readiness.ts";
import { type StatusSources, statusReport } from "./status-report.ts";

export interface MasterPagesParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly startedAt: number;
  readonly server: SupervisorView;
  readonly pool: WorkerPool;
  readonly totals: ServerTotals;
  readonly collisions: AppCollisions;
  readonly control: Control;
  readonly inspectionCalls: InspectionCalls;
  readonly listeners: ListenerSet;
  readonly ports: MasterPorts;
}

/** The pages of the admin port and of the control socket. */
export class MasterPages {
  readonly #parts: MasterPagesParts;

  constructor(parts: MasterPagesParts) {
    this.#parts = parts;
  }

  servedOver(over: "admin port" | "control socket"): AdminPages {
    const { control, inspectionCalls, pool, clock, logger } = this.#parts;
    const routes = adminRoutes({
      status: () => this.#status(),
      metrics: () => this.#metrics(),
    });
    const onCall = (action: string) => {
      logger.info({ action, over }, "control call");
    };
    const inspections = inspectionRoutes(
      { calls: inspectionCalls, pool, clock },
      onCall,
    );
    const actions = [...controlRoutes(control, onCall), ...inspections];
    return { routes, actions: new Map(actions) };
  }

  /** The open listeners. A reload can change only their TLS settings. */
  get listening(): readonly Listening[] {
    const { server, listeners } = this.#parts;
    const settings = listenersOf(server.settings);
    return listeners.all.map(({ number, address, scheduling, ...opened }) => {
      const configured = settings[number];
      const scheme = configured ? schemeOf(configured) : opened.scheme;
      return { ...address, scheme, scheduling };
    });
  }

  #status(): StatusSources {
    const { server, pool, ...parts } = this.#parts;
    return {
      server,
      workers: pool.workers,
      listening: this.listening,
      agentCheck: parts.ports.agentCheck,
      startedAt: parts.startedAt,
      now: parts.clock.now(),
    };
  }

  #metrics(): MetricSources {
    const { server, pool, totals, clock } = this.#parts;
    return {
      totals: totals.sum(pool.workers),
      app: pool.workers.map((worker) => {
        const { slot, generation } = worker;
        return { slot, generation, families: totals.appFamiliesOf(worker) };
      }),
      onCollision: this.#parts.collisions.report,
      workers: pool.workers,
      workersWanted: server.target,
      isDegraded: server.degraded !== undefined,
      isLastConfigGood: server.isLastConfigGood,
      version: packageVersion(),
      now: clock.now(),
    };
  }
}

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
  return new Map<
    string,
    (request: AdminRequest) => AdminAnswer | Promise<AdminAnswer>
  >([
    ["/livez", () => textAnswer(200, "alive")],
    ["/readyz", ready],
    ["/healthz", health],
    ["/status", () => jsonAnswer(200, statusReport(status()))],
    ["/requests", () => jsonAnswer(200, requestReport(metrics().totals))],
    ["/metrics", ({ headers }) => exposition(metrics(), headers.accept)],
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
