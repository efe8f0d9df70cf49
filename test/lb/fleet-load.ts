import type { ClientReport, Failure } from "../support/client-report.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import type { Balancer } from "./balancer.ts";
import { SeenVersions } from "./seen-versions.ts";

/**
 * The strict client in front of a balancer, and the sources of its responses.
 */
export class FleetLoad {
  readonly balancer: Balancer;
  readonly seen = new SeenVersions();
  /** All failures; the report has only the first ones. */
  readonly failures: Failure[] = [];
  readonly #client: ReturnType<typeof startStrictLoad>;

  constructor(balancer: Balancer, maxPauseMs: number) {
    this.balancer = balancer;
    const { address } = balancer;
    this.#client = startStrictLoad(
      { address },
      {
        maxPauseMs,
        onAnswer: (response) => this.seen.add(response),
        onFailure: (failure) => this.failures.push(failure),
      },
    );
  }

  get report(): ClientReport {
    return this.#client.report;
  }

  async stop(): Promise<void> {
    await this.#client.stop();
  }
}
