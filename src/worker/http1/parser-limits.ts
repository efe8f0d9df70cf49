import type { AcceptedRequests } from "../http/accepted-requests.ts";

/** Bounds of what the parser accepts. */
export interface ParserLimits {
  readonly maxRequestLineBytes: number;
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  readonly maxBodyBytes: number;
  readonly maxChunkExtensionBytes: number;
  /** What only some handlers take. Default: nothing of it. */
  readonly accepts?: AcceptedRequests | undefined;
}
