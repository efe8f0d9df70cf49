import type { InspectionTask } from "../../../shared/inspection/watchdog-channel.ts";

/** The worker to inspect, or how to choose it. */
export type WorkerChoice =
  | "any"
  | "slowest"
  | { readonly slot: number }
  /** A slot that is being replaced has two workers. */
  | { readonly id: number };

/** Stacks of a worker, or a task of its watchdog. */
export type InspectionKind = InspectionTask | { readonly kind: "stacks" };

export interface InspectionRequest {
  /** Unique in this master. */
  readonly id: number;
  readonly what: InspectionKind;
  readonly worker: WorkerChoice;
  /** Whether it may stop the only worker that is ready. */
  readonly mayStopLast: boolean;
}

export type InspectionEvent =
  /** The worker is chosen, and has been asked. */
  | { readonly type: "chosen" }
  /** The inspection has begun in the worker. */
  | { readonly type: "begun" }
  | { readonly type: "opened"; readonly url: string }
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: "data"; readonly data: Buffer }
  /** The worker goes on; the rest of the data follows. */
  | { readonly type: "taken"; readonly seconds: number }
  | {
      readonly type: "stacks";
      readonly stacks: readonly (readonly string[])[];
    }
  /** The last event. */
  | InspectionEnd;

export type InspectionEnd =
  | { readonly type: "ended"; readonly result: "success" }
  | {
      readonly type: "ended";
      readonly result: "failure" | "refused";
      readonly error: string;
    };
