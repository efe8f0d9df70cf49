/** What may be asked of the running master, and who waits for the end of it. */
import type {
  ControlAction,
  ControlProgress,
} from "../shared/control/control-answer.ts";
import type { ControlActions, Ending } from "./control-actions.ts";
import type { ReloadEnd } from "./reloads.ts";
import type { Supervisor } from "./supervisor.ts";
import type { WorkerHandle } from "./worker-handle.ts";

export interface ControlParts {
  readonly supervisor: Supervisor;
  readonly workers: readonly WorkerHandle[];
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
    const { isStopping } = this.#parts().supervisor;
    if (isStopping) {
      return action === "stop" ? undefined : "the server is stopping";
    }
    switch (action) {
      case "reload":
      case "stop":
        return undefined;
      case "upgrade":
      case "scale":
      case "reopenLogs":
        return "this version cannot do that";
      default:
        return action satisfies never;
    }
  }

  reload(): Promise<ReloadEnd> {
    const { supervisor } = this.#parts();
    supervisor.enqueue({ type: "reload" });
    return supervisor.whenReloadEnds();
  }

  upgrade(): Promise<Ending> {
    throw new Error("not there");
  }

  scaleTo(): void {
    throw new Error("not there");
  }

  reopenLogs(): void {
    throw new Error("not there");
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
      return worker.state === "ready" && worker.generation >= current;
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
