/** No daemon was found; the message has the places that were searched. */
export class NoDaemonError extends Error {
  override readonly name = "NoDaemonError";
}
