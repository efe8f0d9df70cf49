/**
 * What a load balancer is told of the server: by its workers, on the data
 * port, and by the master where HAProxy's agent-check asks.
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
import { ReadinessNews } from "./readiness-news.ts";
import { readinessOf } from "./readiness-of.ts";

export interface NewsSources {
  readonly server: SupervisorView;
  readonly pool: WorkerPool;
  readonly clock: Clock;
}

export class BalancerNews {
  readonly #sources: NewsSources;
  readonly #readiness: ReadinessNews;
  #samples: readonly UtilizationSample[] = [];

  constructor(sources: NewsSources) {
    this.#sources = sources;
    this.#readiness = new ReadinessNews(sources.pool);
  }

  /** As the workers have been told. */
  get readiness(): Readiness {
    return this.#readiness.current;
  }

  /** The line for HAProxy's agent-check. */
  get agentAnswer(): string {
    const { server, pool } = this.#sources;
    return agentAnswer(this.readiness, {
      readyWorkers: pool.countIn("ready"),
      workersWanted: server.target,
      utilization: meanUtilization(this.#samples),
    });
  }

  /** Something may have changed, or some time has passed. */
  update(): void {
    const { server, pool, clock } = this.#sources;
    const { workers } = pool;
    this.#samples = withSampleOf(this.#samples, workers, clock.now());
    this.#readiness.update(readinessOf({ server, workers }));
  }
}
