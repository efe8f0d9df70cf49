import type { Clock } from "../../shared/clock.ts";
import { listenersOf } from "../../shared/config/listeners-of.ts";
import type { Settings } from "../../shared/config/settings.ts";
import type { Logger } from "../../shared/logger.ts";
import { packageVersion } from "../../shared/package-version.ts";
import type { MetricSources } from "../metrics/exposition.ts";
import type { ServerTotals } from "../metrics/server-totals.ts";
import type { ListenerSet, Listening } from "../sockets/listener-set.ts";
import { schemeOf } from "../sockets/listener-set.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { WorkerPool } from "../supervisor/workers/worker-pool.ts";
import type { Succession } from "../upgrade/incoming-master.ts";
import { adminRoutes } from "./admin-routes.ts";
import type { AdminPages } from "./admin-server.ts";
import type { Control } from "./control.ts";
import { controlRoutes } from "./control-routes.ts";
import type { OwnPorts } from "./own-ports.ts";
import type { StatusSources } from "./status.ts";

/** The parts of a master that people and their tools are told of. */
export interface InsightParts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly startedAt: number;
  readonly supervisor: Supervisor;
  readonly pool: WorkerPool;
  readonly totals: ServerTotals;
  readonly control: Control;
  readonly listeners: ListenerSet | undefined;
  readonly ports: OwnPorts;
  readonly succession: Succession | undefined;
}

/** What a master shows of itself, and lets be done to it. */
export class Insight {
  readonly #parts: () => InsightParts;

  constructor(parts: () => InsightParts) {
    this.#parts = parts;
  }

  pages(over: "admin port" | "control socket"): AdminPages {
    const { control, logger } = this.#parts();
    const routes = adminRoutes({
      status: () => this.#status(),
      metrics: () => this.#metrics(),
    });
    const actions = controlRoutes(control, (action) => {
      logger.info({ action, over }, "control call");
    });
    return { routes, actions };
  }

  /** A reload may turn TLS on and off, and nothing else. */
  get listening(): readonly Listening[] {
    const { settings: opened, supervisor, listeners } = this.#parts();
    const settings = listenersOf(supervisor.settings);
    const open = listeners?.all ?? [];
    return open.map(({ address, scheduling }, index) => {
      const listener = settings[index] ?? opened;
      return { ...address, scheme: schemeOf(listener), scheduling };
    });
  }

  #status(): StatusSources {
    const { supervisor, pool, totals, ...parts } = this.#parts();
    return {
      supervisor,
      workers: pool.workers,
      listening: this.listening,
      agentCheck: parts.ports.agentCheck,
      succession: parts.succession,
      startedAt: parts.startedAt,
      now: parts.clock.now(),
      requestCountOf: (id) => totals.requestCountOf(id),
    };
  }

  #metrics(): MetricSources {
    const { supervisor, pool, totals, clock } = this.#parts();
    return {
      totals: totals.sum(pool.workers),
      workers: pool.workers,
      workersWanted: supervisor.target,
      isDegraded: supervisor.degraded !== undefined,
      isLastConfigGood: supervisor.isLastConfigGood,
      version: packageVersion(),
      now: clock.now(),
    };
  }
}
