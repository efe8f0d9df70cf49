/** Starts the operations of control calls, and reports their ends. */
import type {
  ControlAction,
  ControlProgress,
} from "../../shared/control/control-answer.ts";
import type { LogFile } from "../../shared/logging/log-file.ts";
import type { CommandLoop } from "../supervisor/command-loop.ts";
import type { ReloadEnd } from "../supervisor/rollout/reload-outcome.ts";
import type { SupervisorView } from "../supervisor/supervisor-view.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import type { WorkerPool } from "../supervisor/workers/worker-pool.ts";
import type { ControlActions, Ending } from "./control-routes.ts";

export interface ControlParts {
  readonly loop: Pick<CommandLoop, "enqueue">;
  readonly server: SupervisorView;
  readonly pool: WorkerPool;
  readonly logFile: LogFile | undefined;
}

export class Control implements ControlActions {
  readonly #parts: ControlParts;
  readonly #listeners = new Set<(progress: ControlProgress) => void>();
  #resolveStopped: (() => void)[] = [];

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  refusal(action: ControlAction): string | undefined {
    const { server, logFile } = this.#parts;
    if (server.isStopping) {
      return action === "stop" ? undefined : "the server is stopping";
    }
    switch (action) {
      case "reload":
        return server.reloadRefusal;
      case "upgrade":
        return server.upgradeRefusal;
      case "stop":
      case "scale":
        return undefined;
      case "reopenLogs":
        return logFile ? undefined : "there is no logFile to open anew";
      default:
        return action satisfies never;
    }
  }

  reload(): Promise<ReloadEnd> {
    const { loop, server } = this.#parts;
    loop.enqueue({ type: "reload" });
    return server.whenReloadIsDecided();
  }

  async upgrade(): Promise<Ending> {
    const { loop, server } = this.#parts;
    const ended = server.whenUpgradeEnds();
    loop.enqueue({ type: "upgrade" });
    const { result, pid, error = "" } = await ended;
    if (result !== "success") return { result, error };
    return { result, ...(pid !== undefined && { pid }) };
  }

  scaleTo(workers: number): number {
    const { loop, server } = this.#parts;
    loop.enqueue({ type: "scaleTo", workers });
    return server.target;
  }

  reopenLogs(): Ending {
    const { loop, logFile } = this.#parts;
    loop.enqueue({ type: "reopenLogs" });
    const error = logFile?.problem;
    return error ? { result: "failure", error } : { result: "success" };
  }

  stop(how: "terminate" | "now"): Promise<Ending> {
    const stopped = new Promise<Ending>((resolve) => {
      this.#resolveStopped.push(() => resolve({ result: "success" }));
    });
    this.#parts.loop.enqueue({ type: "stop", how });
    return stopped;
  }

  onProgress(listener: (progress: ControlProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --- events of the master

  onReady({ slot, pid, generation }: WorkerHandle): void {
    const { server, pool } = this.#parts;
    const { generation: current, target: wanted } = server;
    const ready = pool.workers.filter((worker) => {
      return worker.state === "ready" && worker.generation === current;
    }).length;
    for (const listener of this.#listeners) {
      listener({ slot, pid, generation, ready, wanted });
    }
  }

  onStopped(): void {
    for (const resolve of this.#resolveStopped) resolve();
    this.#resolveStopped = [];
  }
}
