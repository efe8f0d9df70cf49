/**
 * What a load balancer is told of the server: by its workers, on the data
 * port, and by the master where HAProxy's agent-check asks.
 */
import type { Standing } from "../shared/standing.ts";
import { agentAnswer } from "./agent-check/agent-answer.ts";
import {
  meanUtilization,
  type UtilizationSample,
  withSampleOf,
} from "./agent-check/utilization.ts";
import { StandingNews } from "./standing-news.ts";
import { standingOf } from "./standing-of.ts";
import type { Supervisor } from "./supervisor.ts";
import type { WorkerHandle } from "./worker-handle.ts";

export interface NewsSources {
  readonly supervisor: Supervisor;
  readonly workers: readonly WorkerHandle[];
  /** Monotonic milliseconds. */
  readonly now: number;
}

export class BalancerNews {
  readonly #sources: () => NewsSources;
  readonly #standing: StandingNews;
  #samples: readonly UtilizationSample[] = [];

  constructor(sources: () => NewsSources) {
    this.#sources = sources;
    this.#standing = new StandingNews(() => sources().workers);
  }

  /** As the workers have been told. */
  get standing(): Standing {
    return this.#standing.current;
  }

  /** The line for HAProxy's agent-check. */
  get agentAnswer(): string {
    const { supervisor, workers } = this.#sources();
    return agentAnswer(this.standing, {
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
    this.#standing.update(standingOf(sources));
  }
}
