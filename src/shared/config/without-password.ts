/** A URL, right or wrong, fit to be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/:(?!\/\/).*@/, ":***@");
}
