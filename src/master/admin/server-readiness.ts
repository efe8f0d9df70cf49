import type { Readiness } from "../../shared/readiness.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";

export interface ReadinessSources {
  readonly server: SupervisorView;
  readonly workers: readonly WorkerHandle[];
}

/**
 * Whether this master's workers should receive requests, and the reason if not.
 */
export function masterReadiness({
  server,
  workers,
}: ReadinessSources): Omit<Readiness, "isClosing"> {
  const { minReady } = server.settings;
  const ready = workers.filter(({ state }) => state === "ready").length;
  if (server.isStopping) return { isReady: false, why: "stopping" };
  const why = `${ready} of ${server.target} workers are ready`;
  return { isReady: ready >= minReady, why };
}

/** The readiness of the server, as its workers report it to load balancers. */
export function serverReadiness(sources: ReadinessSources): Readiness {
  const { upgrades, isStopping: isClosing } = sources.server;
  // After an upgrade this master exits, but the server stays ready: the
  // incoming master was ready before it took over.
  const { isReady, why } = upgrades.hasReleased
    ? { isReady: true, why: "ready" }
    : masterReadiness(sources);
  return { isReady, why: isReady ? "ready" : why, isClosing };
}
