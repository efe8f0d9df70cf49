/** Bounds of what the parser accepts. */
export interface ParserLimits {
  readonly maxRequestLineBytes: number;
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  readonly maxBodyBytes: number;
  readonly maxChunkExtensionBytes: number;
  /** Whether there is anybody to tunnel for CONNECT. Default: nobody. */
  readonly acceptsConnect?: (() => boolean) | undefined;
}
