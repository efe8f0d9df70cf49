/** The server could not be started; the message says why. */
export class StartError extends Error {
  override readonly name = "StartError";

  /** @param failure its stack, where it has one, is of where it happened */
  constructor({ message, stack }: { message: string; stack?: string }) {
    super(message);
    if (stack) this.stack = stack;
  }
}
