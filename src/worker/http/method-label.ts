const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
]);

/**
 * The method as metrics and traces have it: that of a method that they do not
 * know is "_OTHER" (OpenTelemetry, semantic conventions for HTTP).
 */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : "_OTHER";
}
