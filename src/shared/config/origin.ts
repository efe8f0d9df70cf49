/** Where a setting's value is from, in words. */
export function whence(origin: string): string {
  return origin === "default" ? "the default" : `from ${origin}`;
}
