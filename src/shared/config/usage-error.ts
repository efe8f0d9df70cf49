/** The command line makes no sense; `message` is one line for its author. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
