/** No daemon could be asked; the message says what was looked for, and where. */
export class NoDaemonError extends Error {
  override readonly name = "NoDaemonError";
}
