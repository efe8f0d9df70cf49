/** The server could not be started; the message has the reason. */
export class StartError extends Error {
  override readonly name = "StartError";

  /** @param failure its stack, if it has one, replaces that of this error */
  constructor({ message, stack }: { message: string; stack?: string }) {
    super(message);
    if (stack) this.stack = stack;
  }
}
