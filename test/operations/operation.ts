import type { Subject } from "./subject.ts";

/**
 * What an operation came to. Where workers are killed meanwhile a reload may
 * well fail: whoever runs it says whether that is all right.
 */
export type Ending =
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly why: string };

/** Something that is done to a daemon under load; a file for each. */
export interface Operation {
  readonly name: string;
  /** That must be in force meanwhile. */
  readonly settings?: Readonly<Record<string, number>>;
  /** Settles when the daemon has done it, or said that it will not. */
  run(subject: Subject, random: () => number): Promise<Ending>;
}

export const DONE: Ending = { type: "done" };
