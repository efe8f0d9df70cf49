/** What a key has used in its window, and how long that window goes on. */
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

/** Whatever keeps the counts of rate limits. */
export interface Counter {
  /** Counts the points, and says what the key has used with them. */
  count(entry: CountEntry): Promise<Count>;
}
