import type { ParserLimits } from "../../../src/worker/http1/parser-limits.ts";

/** The limits that the settings have by default. */
export const LIMITS: ParserLimits = {
  maxRequestLineBytes: 8_192,
  maxHeadBytes: 16_384,
  maxFields: 100,
  maxBodyBytes: 1_048_576,
  maxChunkExtensionBytes: 16_384,
};
