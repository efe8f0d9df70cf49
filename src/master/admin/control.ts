/** What may be asked of the running master, and who waits for the end of it. */
import type {
  ControlAction,
  ControlProgress,
} from "../../shared/control/control-answer.ts";
import type { LogFile } from "../../shared/log-file.ts";
import type { ReloadEnd } from "../supervisor/rollout/reload-outcome.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";
import type { ControlActions, Ending } from "./control-actions.ts";

export interface ControlParts {
  readonly supervisor: Supervisor;
  readonly workers: readonly WorkerHandle[];
  readonly logFile: LogFile | undefined;
}

/** Its parts are asked for late: they are made after it. */
export class Control implements ControlActions {
  readonly #parts: () => ControlParts;
  readonly #listeners = new Set<(progress: ControlProgress) => void>();
  #tellStopped: (() => void)[] = [];

  constructor(parts: () => ControlParts) {
    this.#parts = parts;
  }

  refusal(action: ControlAction): string | undefined {
    const { supervisor, logFile } = this.#parts();
    if (supervisor.isStopping) {
      return action === "stop" ? undefined : "the server is stopping";
    }
    switch (action) {
      case "reload":
        return supervisor.reloadRefusal;
      case "upgrade":
        return supervisor.upgradeRefusal;
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
    const { supervisor } = this.#parts();
    supervisor.enqueue({ type: "reload" });
    return supervisor.whenReloadIsDecided();
  }

  async upgrade(): Promise<Ending> {
    const { supervisor } = this.#parts();
    const ended = supervisor.whenUpgradeEnds();
    supervisor.enqueue({ type: "upgrade" });
    const { result, pid, error = "" } = await ended;
    if (result !== "success") return { result, error };
    return { result, ...(pid !== undefined && { pid }) };
  }

  scaleTo(workers: number): number {
    const { supervisor } = this.#parts();
    supervisor.enqueue({ type: "scaleTo", workers });
    return supervisor.target;
  }

  reopenLogs(): Ending {
    const { supervisor, logFile } = this.#parts();
    supervisor.enqueue({ type: "reopenLogs" });
    const error = logFile?.problem;
    return error ? { result: "failure", error } : { result: "success" };
  }

  stop(how: "terminate" | "now"): Promise<Ending> {
    const stopped = new Promise<Ending>((resolve) => {
      this.#tellStopped.push(() => resolve({ result: "success" }));
    });
    this.#parts().supervisor.enqueue({ type: "stop", how });
    return stopped;
  }

  onProgress(listener: (progress: ControlProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --- what the master tells

  onReady({ slot, pid, generation }: WorkerHandle): void {
    const { supervisor, workers } = this.#parts();
    const { generation: current, target: wanted } = supervisor;
    const ready = workers.filter((worker) => {
      return worker.state === "ready" && worker.generation === current;
    }).length;
    for (const listener of this.#listeners) {
      listener({ slot, pid, generation, ready, wanted });
    }
  }

  onStopped(): void {
    for (const tell of this.#tellStopped) tell();
    this.#tellStopped = [];
  }
}
