import { Worker } from "node:worker_threads";
import type { ThreadData, ThreadMessage } from "./fuzz-thread.ts";
import type { Progress } from "./progress.ts";

const THREAD_URL = new URL("./fuzz-thread.ts", import.meta.url).href;
const TSX_URL = import.meta.resolve("tsx/esm/api");
/** A thread does not inherit the TypeScript loader. */
const START = `
  import(${JSON.stringify(TSX_URL)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(THREAD_URL)});
  });
`;

const START_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;

export interface RunThreadOptions {
  readonly data: ThreadData;
  readonly progress: Progress;
  /** An input that takes longer counts as a hang. */
  readonly hangMs: number;
  readonly onTurn: (turn: Extract<ThreadMessage, { type: "turn" }>) => void;
}

/**
 * Runs a thread until it is done or fails.
 *
 * @returns the failure of an input that hung or ended the thread
 */
export async function runThread({
  data,
  progress,
  hangMs,
  onTurn,
}: RunThreadOptions): Promise<string | undefined> {
  const worker = new Worker(START, { eval: true, workerData: data });
  let timer: NodeJS.Timeout | undefined;
  const watch = (onHang: () => void) => {
    let count = -1;
    let movedAt = performance.now();
    timer = setInterval(() => {
      const now = performance.now();
      if (progress.count !== count) {
        count = progress.count;
        movedAt = now;
      } else if (now - movedAt > hangMs) onHang();
    }, LOOK_EVERY_MS);
  };
  try {
    return await new Promise((resolve, reject) => {
      const startLimit = setTimeout(() => {
        reject(new Error("the thread did not start"));
      }, START_LIMIT_MS);
      worker.on("message", (message: ThreadMessage) => {
        if (message.type === "turn") onTurn(message);
        else if (message.type === "done") resolve(undefined);
        else {
          clearTimeout(startLimit);
          watch(() => resolve(hangText(hangMs)));
        }
      });
      worker.on("error", (error) => {
        if (progress.count === 0) reject(error);
        else resolve(`it ended the thread: ${error.message}`);
      });
      // Also called if the thread awaits a promise that never settles.
      worker.on("exit", () => {
        clearTimeout(startLimit);
        resolve("it was never done");
      });
    });
  } finally {
    clearInterval(timer);
    await worker.terminate();
  }
}

function hangText(hangMs: number): string {
  return `it, or the making of the next one, took over ${hangMs / 1000} s`;
}
