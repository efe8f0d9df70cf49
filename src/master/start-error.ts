/** The server could not be started; the message says why. */
export class StartError extends Error {
  override readonly name = "StartError";

  /** @param failure its stack, if it has one, replaces that of this error */
  constructor({ message, stack }: { message: string; stack?: string }) {
    super(message);
    if (stack) this.stack = stack;
  }
}
