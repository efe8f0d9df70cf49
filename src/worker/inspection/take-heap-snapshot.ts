import type { MainThread } from "./main-thread.ts";

export interface SnapshotEvents {
  /** The main thread answers; it is about to stop. */
  readonly begun: () => void;
  readonly progress: (done: number, total: number) => void;
  /** A part of the `.heapsnapshot` file, in ASCII. */
  readonly data: (text: string) => void;
}

interface SnapshotProgress {
  readonly done: number;
  readonly total: number;
}

/** Time after which a blocked event loop delays the snapshot. */
const BEGIN_TIMEOUT_MS = 500;
const PROGRESS_INTERVAL_MS = 200;

/** Resolves when the main thread goes on; all data has been passed on then. */
export async function takeHeapSnapshot(
  main: MainThread,
  events: SnapshotEvents,
): Promise<void> {
  await main.call("HeapProfiler.enable");
  events.begun();
  // Since V8 12 a task of the event loop takes the snapshot. A blocked loop
  // runs no tasks, unless the debugger has paused it.
  const blocked = setTimeout(() => pause(main), BEGIN_TIMEOUT_MS);
  let reportedAt = 0;
  main.on("HeapProfiler.reportHeapSnapshotProgress", (params) => {
    clearTimeout(blocked);
    const { done, total } = params as SnapshotProgress;
    const now = performance.now();
    if (now - reportedAt < PROGRESS_INTERVAL_MS) return;
    reportedAt = now;
    events.progress(done, total);
  });
  main.on("HeapProfiler.addHeapSnapshotChunk", (params) => {
    events.data((params as { chunk: string }).chunk);
  });
  try {
    const options = { reportProgress: true };
    const forEver = Number.POSITIVE_INFINITY;
    await main.call("HeapProfiler.takeHeapSnapshot", options, forEver);
  } finally {
    clearTimeout(blocked);
  }
}

/** Takes effect when the main thread runs JavaScript, until `disconnect()`. */
function pause(main: MainThread): void {
  for (const method of ["Debugger.enable", "Debugger.pause"]) {
    main.call(method, {}, Number.POSITIVE_INFINITY).catch(() => {});
  }
}
