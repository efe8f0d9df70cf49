import type { CommandLoop } from "../../supervisor/command-loop.ts";
import type {
  InspectionEvent,
  InspectionRequest,
} from "../../supervisor/inspection/inspection-request.ts";
import type { WorkerHandle } from "../../supervisor/workers/worker-handle.ts";

export interface InspectionReport {
  readonly id: number;
  /** Undefined if none was found. */
  readonly worker: WorkerHandle | undefined;
  readonly event: InspectionEvent;
}

interface Closing {
  readonly slot: number;
  readonly resolve: () => void;
}

type Listener = (report: InspectionReport) => void;

/** The callers of inspections, who are told what becomes of them. */
export class InspectionCalls {
  readonly #loop: Pick<CommandLoop, "enqueue">;
  readonly #listeners = new Map<number, Listener>();
  /** Callers that wait until an inspector is closed. */
  #closing: readonly Closing[] = [];
  /** 0 is the question for the stacks of a worker that is to be killed. */
  #lastId = 0;

  constructor(loop: Pick<CommandLoop, "enqueue">) {
    this.#loop = loop;
  }

  /**
   * @param listener called with each event; "ended" is the last
   * @returns a function that ends the inspection and removes the listener
   */
  begin(
    request: Omit<InspectionRequest, "id">,
    listener: Listener,
  ): () => void {
    const id = ++this.#lastId;
    this.#listeners.set(id, listener);
    this.#loop.enqueue({ type: "inspect", request: { ...request, id } });
    return () => {
      if (!this.#listeners.delete(id)) return;
      this.#loop.enqueue({ type: "cancelInspection", id });
    };
  }

  /** Resolves when the inspector, which is open, is closed. */
  closeInspector(slot: number): Promise<void> {
    return new Promise((resolve) => {
      this.#closing = [...this.#closing, { slot, resolve }];
      this.#loop.enqueue({ type: "closeInspector", slot });
    });
  }

  onReport(report: InspectionReport): void {
    const listener = this.#listeners.get(report.id);
    if (report.event.type === "ended") this.#onEnded(report);
    listener?.(report);
  }

  #onEnded({ id, worker }: InspectionReport): void {
    this.#listeners.delete(id);
    const isClosed = ({ slot }: Closing) => slot === worker?.slot;
    for (const { resolve } of this.#closing.filter(isClosed)) resolve();
    this.#closing = this.#closing.filter((each) => !isClosed(each));
  }
}
