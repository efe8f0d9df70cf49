/** The server could not be started; the message has the reason. */
export class StartError extends Error {
  override readonly name = "StartError";

  /** The system's error code, such as EADDRINUSE, if there is one. */
  readonly code: string | undefined;

  /** @param failure its stack, if it has one, replaces that of this error */
  constructor({ message, stack, code }: StartFailure) {
    super(message);
    if (stack) this.stack = stack;
    this.code = code;
  }
}

interface StartFailure {
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
}
