/** The place where log lines get the span of a tracing library from. */

export interface SpanIds {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

/** Returns the span that is active where it is called. */
export type SpanSource = () => SpanIds | undefined;

let source: SpanSource | undefined;

/** Called once, when a tracing library is found. */
export function setSpanSource(given: SpanSource): void {
  source = given;
}

/** Undefined without a tracing library, and outside of its spans. */
export function activeSpan(): SpanIds | undefined {
  return source?.();
}
