/** Why input was refused; the `reason` label of the parse error metric. */
export type ParseErrorReason =
  | "request_line"
  | "method"
  | "target"
  | "version"
  | "field"
  | "host"
  | "framing"
  | "chunk"
  | "trailer"
  | "expectation"
  | "request_line_too_long"
  | "head_too_large"
  | "body_too_large"
  | "chunk_extensions_too_large"
  | "head_timeout"
  | "body_timeout";

/** Input that is not valid HTTP/1.1. Incomplete input is not an error. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly status: number;
  readonly reason: ParseErrorReason;

  /** @param message sent to the client */
  constructor(status: number, reason: ParseErrorReason, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}
