import type { Subject } from "./subject.ts";

/**
 * Result of an operation. A reload may fail while workers are killed; the
 * caller decides whether that is acceptable.
 */
export type Ending =
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly why: string };

/** An action on a daemon under load; one file each. */
export interface Operation {
  readonly name: string;
  /** Settings required during the operation. */
  readonly settings?: Readonly<Record<string, number>>;
  /** Settles when the daemon has finished or refused the operation. */
  run(subject: Subject, random: () => number): Promise<Ending>;
}

export const DONE: Ending = { type: "done" };
