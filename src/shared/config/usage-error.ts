import { withoutRedisUrls } from "./without-password.ts";

/** The command line makes no sense; `message` is one line for its author. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(withoutRedisUrls(message));
  }
}
