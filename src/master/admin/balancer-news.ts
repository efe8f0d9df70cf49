/**
 * What a load balancer is told of the server: by its workers, on the data
 * port, and by the master where HAProxy's agent-check asks.
 */
import type { Readiness } from "../../shared/readiness.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import { agentAnswer } from "./agent-check/agent-answer.ts";
import {
  meanUtilization,
  type UtilizationSample,
  withSampleOf,
} from "./agent-check/utilization.ts";
import { ReadinessNews } from "./readiness-news.ts";
import { readinessOf } from "./readiness-of.ts";

export interface NewsSources {
  readonly supervisor: Supervisor;
  readonly workers: readonly WorkerHandle[];
  /** Monotonic milliseconds. */
  readonly now: number;
}

export class BalancerNews {
  readonly #sources: () => NewsSources;
  readonly #readiness: ReadinessNews;
  #samples: readonly UtilizationSample[] = [];

  constructor(sources: () => NewsSources) {
    this.#sources = sources;
    this.#readiness = new ReadinessNews(() => sources().workers);
  }

  /** As the workers have been told. */
  get readiness(): Readiness {
    return this.#readiness.current;
  }

  /** The line for HAProxy's agent-check. */
  get agentAnswer(): string {
    const { supervisor, workers } = this.#sources();
    return agentAnswer(this.readiness, {
      readyWorkers: workers.filter(({ state }) => state === "ready").length,
      workersWanted: supervisor.target,
      utilization: meanUtilization(this.#samples),
    });
  }

  /** Something may have changed, or some time has passed. */
  update(): void {
    const sources = this.#sources();
    const { workers, now } = sources;
    this.#samples = withSampleOf(this.#samples, workers, now);
    this.#readiness.update(readinessOf(sources));
  }
}
