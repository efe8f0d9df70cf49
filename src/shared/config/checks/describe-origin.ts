/** The origin of a setting's value, for messages. */
export function describeOrigin(origin: string): string {
  return origin === "default" ? "the default" : `from ${origin}`;
}
