/**
 * The state of the server as load balancers see it: on the data port, where the
 * workers answer, and on the port for HAProxy's agent-check.
 */
import type { Clock } from "../../shared/clock.ts";
import type { Readiness } from "../../shared/readiness.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerPool } from "../supervisor/workers/worker-pool.ts";
import { agentAnswer } from "./agent-check/agent-answer.ts";
import {
  meanUtilization,
  type UtilizationSample,
  withSampleOf,
} from "./agent-check/utilization.ts";
import { ReadinessBroadcast } from "./readiness-broadcast.ts";
import { serverReadiness } from "./server-readiness.ts";

export interface BalancerStatusParts {
  readonly server: SupervisorView;
  readonly pool: WorkerPool;
  readonly clock: Clock;
}

export class BalancerStatus {
  readonly #parts: BalancerStatusParts;
  readonly #broadcast: ReadinessBroadcast;
  #samples: readonly UtilizationSample[] = [];

  constructor(parts: BalancerStatusParts) {
    this.#parts = parts;
    this.#broadcast = new ReadinessBroadcast(parts.pool);
  }

  /** The readiness that the workers have now. */
  get readiness(): Readiness {
    return this.#broadcast.current;
  }

  /** The line for HAProxy's agent-check. */
  get agentAnswer(): string {
    const { server, pool } = this.#parts;
    return agentAnswer(this.readiness, {
      readyWorkers: pool.countIn("ready"),
      workersWanted: server.target,
      utilization: meanUtilization(this.#samples),
    });
  }

  /** Called after each command of the supervisor. */
  update(): void {
    const { server, pool, clock } = this.#parts;
    const { workers } = pool;
    this.#samples = withSampleOf(this.#samples, workers, clock.now());
    this.#broadcast.update(serverReadiness({ server, workers }));
  }
}
