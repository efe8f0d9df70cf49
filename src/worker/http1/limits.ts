/** How much the parser takes before it refuses. */
export interface ParserLimits {
  readonly maxRequestLineBytes: number;
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  readonly maxBodyBytes: number;
  readonly maxChunkExtensionBytes: number;
}

/** Longer than any method that there is; no setting. */
export const MAX_METHOD_BYTES = 32;
