import type { Clock } from "../../shared/clock.ts";
import type { Logger } from "../../shared/logging/logger.ts";
import type { Counters } from "../../shared/metrics/counters.ts";
import type { ServerTotals } from "../metrics/server-totals.ts";
import type { Effect } from "./effect.ts";
import type { WorkerPool } from "./workers/worker-pool.ts";

export interface SupervisorParts {
  readonly pool: WorkerPool;
  readonly counters: Counters;
  /** Takes the reports of workers. */
  readonly totals: Pick<ServerTotals, "onReport" | "onAppMetrics">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Config file of the master's initial settings. */
  readonly configFile: string | undefined;
  /** Working folder at the start; a deployment may switch links in its path. */
  readonly workingFolder: string;
  /** A terminal sends WINCH whenever its window changes. */
  readonly isOnTerminal: boolean;
  /** Reason why the parent process rules out an upgrade, if it does. */
  readonly upgradeObstacle: string | undefined;
}

export interface DecisionParts extends SupervisorParts {
  /** Effects of the command that is being handled, in order. */
  readonly effects: Effect[];
}
