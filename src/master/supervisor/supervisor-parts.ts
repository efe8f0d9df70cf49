/** What the supervisor works with, and whom it tells. */
import type { Clock } from "../../shared/clock.ts";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import type { RouteInfo, WorkerMessage } from "../../shared/ipc-messages.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Counters } from "../../shared/metrics/counters.ts";
import type { StartSuccessor } from "../upgrade/successor-process.ts";
import type { UpgradeHooks } from "../upgrade/upgrade-parts.ts";
import type { ReloadOutcome } from "./rollout/reload-outcome.ts";
import type { WorkerHandle } from "./workers/worker-handle.ts";
import type { WorkerPool } from "./workers/worker-pool.ts";

export interface SupervisorParts {
  readonly pool: WorkerPool;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly reload: () => Promise<LoadedSettings>;
  /** Config file of the settings that the master started with. */
  readonly configFile: string | undefined;
  /** By the name that the master was started in; links may be switched. */
  readonly workingFolder: string;
  /** A terminal sends WINCH whenever its window changes. */
  readonly isOnTerminal: boolean;
  readonly hooks: SupervisorHooks;
  readonly upgrade: {
    readonly hooks: UpgradeHooks;
    readonly start: StartSuccessor;
  };
}

/** What a worker's life means for the connections and the counts. */
export interface SupervisorHooks {
  onHello(worker: WorkerHandle): void;
  onReady(worker: WorkerHandle, routes: readonly RouteInfo[]): void;
  /** The worker is about to be told to drain. */
  onDraining(worker: WorkerHandle): void;
  onReport(
    worker: WorkerHandle,
    message: Extract<WorkerMessage, { report: unknown }>,
  ): void;
  onGone(worker: WorkerHandle): void;
  /** All workers are ready for the first time. */
  onStarted(): void;
  onReopenLogs(): void;
  /** A reload was asked for. */
  onReloading(): void;
  onReloadEnded(outcome: ReloadOutcome): void;
  /** The server is to stop; by then its workers cut what is left. */
  onStopping(maxMs: number): void;
  /** No connection shall be accepted any more. */
  onClosing(): void;
  onStopped(exitCode: number): void;
  /** A command has been dealt with: anything may have changed. */
  onTurn(): void;
}
