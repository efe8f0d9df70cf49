/** The span of a request that is traced, as its handling needs it. */
export interface RequestSpan {
  /** Calls a function with the span as the active one. */
  run<Result>(call: () => Result): Result;
  /** Calls all listeners of an emitter with the span as the active one. */
  bind(emitter: object): void;
  /** Notes the error by which the request fails. */
  recordError(error: unknown): void;
  /** The response has been sent. */
  end(status: number): void;
  /** The exchange ended before its response was complete. */
  abort(): void;
}
