import type { Clock } from "../../shared/clock.ts";
import { listenersOf } from "../../shared/config/listeners-of.ts";
import type { Settings } from "../../shared/config/settings.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import { packageVersion } from "../../shared/package-version.ts";
import type { MetricSources } from "../metrics/exposition.ts";
import type { ServerTotals } from "../metrics/server-totals.ts";
import {
  type ListenerSet,
  type Listening,
  schemeOf,
} from "../sockets/listener-set.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerPool } from "../supervisor/workers/worker-pool.ts";
import { adminRoutes } from "./admin-routes.ts";
import type { AdminPages } from "./admin-server.ts";
import type { Control } from "./control.ts";
import { controlRoutes } from "./control-routes.ts";
import type { MasterPorts } from "./master-ports.ts";
import type { StatusSources } from "./status-report.ts";

export interface MasterPagesParts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly startedAt: number;
  readonly server: SupervisorView;
  readonly pool: WorkerPool;
  readonly totals: ServerTotals;
  readonly control: Control;
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
    const { control, logger } = this.#parts;
    const routes = adminRoutes({
      status: () => this.#status(),
      metrics: () => this.#metrics(),
    });
    const actions = controlRoutes(control, (action) => {
      logger.info({ action, over }, "control call");
    });
    return { routes, actions };
  }

  /** The open listeners. A reload can change only whether they have TLS. */
  get listening(): readonly Listening[] {
    const { settings: opened, server, listeners } = this.#parts;
    const settings = listenersOf(server.settings);
    return listeners.all.map(({ address, scheduling }, index) => {
      const listener = settings[index] ?? opened;
      return { ...address, scheme: schemeOf(listener), scheduling };
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
      workers: pool.workers,
      workersWanted: server.target,
      isDegraded: server.degraded !== undefined,
      isLastConfigGood: server.isLastConfigGood,
      version: packageVersion(),
      now: clock.now(),
    };
  }
}
