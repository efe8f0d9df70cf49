/** Code outside of Remuda that may make the spans of an app's requests. */
export interface SpanMaker {
  /**
   * Whether it makes them; also true as long as that is not known.
   *
   * @param isTraced whether a span is active, or tracing is suppressed
   */
  makesSpans(isTraced: () => boolean): boolean;
}
