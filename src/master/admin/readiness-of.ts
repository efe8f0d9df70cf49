import type { Readiness } from "../../shared/readiness.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import { readiness } from "./status.ts";

/** What the workers of this master are to say of the server. */
export function readinessOf(sources: {
  readonly server: SupervisorView;
  readonly workers: readonly WorkerHandle[];
}): Readiness {
  const { upgrades, isStopping: isClosing } = sources.server;
  // This master leaves, but the server does not: the next one was ready
  // before it took over.
  const { isReady, why } = upgrades.hasReleased
    ? HANDED_OVER
    : readiness(sources);
  return { isReady, why: isReady ? "ready" : why, isClosing };
}

const HANDED_OVER = { isReady: true, why: "ready" };
