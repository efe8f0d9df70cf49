/**
 * Messages between the master and the watchdog of a worker, as frames. They use
 * a separate channel, because that of the main thread is silent while the main
 * thread is stuck.
 */

/** The worker's end, the next descriptor after the IPC channel of Node.js. */
export const WATCHDOG_FD = 4;

/** Records something of a worker, or opens its inspector. */
export type InspectionTask =
  | {
      /** Functions that take CPU time, or that allocate what is kept. */
      readonly kind: "cpuProfile" | "heapProfile";
      readonly seconds: number;
    }
  /** Stops the main thread until the heap is read. */
  | { readonly kind: "heapSnapshot" }
  /**
   * Opens the inspector of Node.js on a port of the loopback interface. The
   * master closes it.
   */
  | { readonly kind: "inspector"; readonly openMs: number };

/** Answers have the `id` of their question. */
export type WatchdogQuestion =
  | {
      readonly type: "stacks";
      readonly id: number;
      readonly samples: number;
      /** Longest time until the main thread runs JavaScript. */
      readonly timeoutMs: number;
      /**
       * Whether the process is killed after the answer. Tasks that can end
       * early then do so first.
       */
      readonly isFinal: boolean;
    }
  | {
      readonly type: "begin";
      readonly id: number;
      readonly task: InspectionTask;
    }
  /** Ends a task without a result, or closes the inspector. */
  | { readonly type: "cancel"; readonly id: number };

export interface StackAnswer {
  /**
   * Samples of the main thread's stack. Each has its innermost frame first;
   * frames have the form "name (file:line:column)".
   */
  readonly stacks: readonly (readonly string[])[];
}

export type WatchdogAnswer =
  | ({ readonly type: "stacks"; readonly id: number } & StackAnswer)
  /** The main thread has begun the task. */
  | { readonly type: "begun"; readonly id: number }
  /** The inspector listens. */
  | { readonly type: "opened"; readonly id: number; readonly url: string }
  /** Part of the heap that has been read. */
  | {
      readonly type: "progress";
      readonly id: number;
      readonly done: number;
      readonly total: number;
    }
  /** Carries a part of the result. */
  | { readonly type: "data"; readonly id: number }
  /** The main thread has done its part; the rest of the data follows. */
  | {
      readonly type: "taken";
      readonly id: number;
      /** Length of the recording. */
      readonly seconds: number;
    }
  /** The result is complete, or the inspector is closed. */
  | { readonly type: "done"; readonly id: number }
  | { readonly type: "failed"; readonly id: number; readonly error: string };
