/** Ends what nobody wants any more: how its end goes is nobody's concern. */
export function letGo(end: () => unknown): void {
  try {
    Promise.resolve(end()).catch(() => {});
  } catch {
    // It is of an app, and may throw where it should reject.
  }
}
