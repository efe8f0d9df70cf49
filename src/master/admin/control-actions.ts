import type {
  ControlAction,
  ControlProgress,
} from "../../shared/control/control-answer.ts";
import type { ReloadEnd } from "../supervisor/rollout/reload-outcome.ts";

/** How an operation that can be waited for ended. */
export type Ending =
  | { readonly result: "success"; readonly pid?: number }
  | { readonly result: "failure" | "refused"; readonly error: string };

/**
 * What control calls can set going. Each only puts a command into the
 * supervisor's queue; a promise is of its end.
 */
export interface ControlActions {
  /** Why the action cannot be begun now, if it cannot. */
  refusal(action: ControlAction): string | undefined;
  reload(): Promise<ReloadEnd>;
  upgrade(): Promise<Ending>;
  /** @returns how many there should be now: bounds may not allow `workers` */
  scaleTo(workers: number): number;
  /** Resolves just before the master leaves. */
  stop(how: "terminate" | "now"): Promise<Ending>;
  reopenLogs(): Ending;
  /** @returns what ends it */
  onProgress(listener: (progress: ControlProgress) => void): () => void;
}
