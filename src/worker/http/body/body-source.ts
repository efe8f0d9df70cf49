/** The connection that delivers a body. */
export interface BodySource {
  /** The reader asks for more. */
  onBodyRead(): void;
}

/** Owner of the memory that chunks are delivered in. */
export interface BytesLender {
  /** Whether the chunk stays valid; otherwise it must be copied. */
  mayKeep(chunk: Buffer): boolean;
}

/** An adapter's reader, which may read on after the response. */
export interface LateReader {
  /** Whether the rest of the body is wanted after the response. */
  readonly wantsRest: boolean;
  /**
   * The reader did not want the rest, which has now been received and dropped.
   *
   * @param isWhole false where it ended early
   */
  onPassedOver(isWhole: boolean): void;
}
