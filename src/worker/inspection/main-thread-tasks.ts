import type {
  InspectionTask,
  WatchdogAnswer,
} from "../../shared/inspection/watchdog-channel.ts";
import { MainThread } from "./main-thread.ts";
import { closeInspector, openInspector } from "./open-inspector.ts";
import { recordProfile } from "./record-profile.ts";
import { takeHeapSnapshot } from "./take-heap-snapshot.ts";

type Send = (answer: WatchdogAnswer, data?: Buffer) => void;

interface Running {
  readonly task: InspectionTask;
  /** Ends a wait: of a recording, or of an open inspector. */
  readonly waiting: AbortController;
  isCancelled: boolean;
  ended: Promise<void>;
}

/** The tasks that inspect the main thread for the master. */
export class MainThreadTasks {
  readonly #send: Send;
  readonly #running = new Map<number, Running>();

  constructor(send: Send) {
    this.#send = send;
  }

  begin(id: number, task: InspectionTask): void {
    const running: Running = {
      task,
      waiting: new AbortController(),
      isCancelled: false,
      ended: Promise.resolve(),
    };
    this.#running.set(id, running);
    running.ended = this.#run(id, running).finally(() => {
      this.#running.delete(id);
    });
  }

  /** Ends it, and drops its data; closes the inspector. */
  cancel(id: number): void {
    const running = this.#running.get(id);
    if (!running) return;
    running.isCancelled = true;
    running.waiting.abort();
  }

  /** Ends recordings before their time, and sends their results. */
  async finishRecordings(): Promise<void> {
    const recordings = [...this.#running.values()].filter(({ task }) => {
      return "seconds" in task;
    });
    for (const { waiting } of recordings) waiting.abort();
    await Promise.all(recordings.map(({ ended }) => ended));
  }

  async #run(id: number, running: Running): Promise<void> {
    let main: MainThread | undefined;
    const send: Send = (answer, data) => {
      const isDropped = running.isCancelled && answer.type === "data";
      if (!isDropped) this.#send(answer, data);
    };
    try {
      main = await MainThread.connect();
      await perform(main, id, { ...running, send });
      send({ type: "done", id });
    } catch (error) {
      send({ type: "failed", id, error: (error as Error).message });
    } finally {
      main?.disconnect();
    }
  }
}

interface Performance extends Pick<Running, "task" | "waiting"> {
  readonly send: Send;
}

async function perform(
  main: MainThread,
  id: number,
  { task, waiting, send }: Performance,
): Promise<void> {
  const begun = () => send({ type: "begun", id });
  const { signal } = waiting;
  switch (task.kind) {
    case "cpuProfile":
    case "heapProfile": {
      const profile = await recordProfile(main, task, { begun, signal });
      send({ type: "taken", id, seconds: profile.seconds });
      send({ type: "data", id }, Buffer.from(profile.json));
      break;
    }
    case "heapSnapshot": {
      const beganAt = performance.now();
      await takeHeapSnapshot(main, {
        begun,
        progress: (done, total) => send({ type: "progress", id, done, total }),
        data: (text) => send({ type: "data", id }, Buffer.from(text)),
      });
      main.disconnect();
      const seconds = (performance.now() - beganAt) / 1000;
      send({ type: "taken", id, seconds });
      break;
    }
    case "inspector": {
      const url = await openInspector(main);
      send({ type: "opened", id, url });
      await aborted(signal);
      await closeInspector(main);
      break;
    }
    default:
      task satisfies never;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
