/** Points that a key has used in its window, and the time until its end. */
export interface Count {
  readonly used: number;
  readonly msLeft: number;
}

/** Points to count for a key; its first points begin its window. */
export interface CountEntry {
  readonly key: string;
  readonly points: number;
  readonly windowMs: number;
}

/** A store for the counts of rate limits. */
export interface Counter {
  /** Adds the points, and returns the new count of the key. */
  count(entry: CountEntry): Promise<Count>;
}
