import type { Logger } from "../../../shared/logging/logger.ts";
import type { Counters } from "../../../shared/metrics/counters.ts";
import type { Collision } from "./app-exposition.ts";

/** Collisions that are logged; further ones are not even counted. */
const MAX_KNOWN = 1_000;

/** Logs and counts each collision once, although each scrape finds it. */
export class AppCollisions {
  readonly #logger: Logger;
  readonly #counters: Counters;
  readonly #known = new Set<string>();

  constructor(logger: Logger, counters: Counters) {
    this.#logger = logger;
    this.#counters = counters;
  }

  readonly report = (collision: Collision): void => {
    const { name, kind, place, takenBy } = collision;
    const key = `${name} ${kind}`;
    if (this.#known.has(key) || this.#known.size >= MAX_KNOWN) return;
    this.#known.add(key);
    this.#counters.count("appMetricsRefused", "name_taken");
    const text = "a metric of the app is left out: another has its name";
    this.#logger.warn({ metric: name, kind, place, takenBy }, text);
  };
}
