import { withoutRedisUrls } from "../shared/config/checks/without-password.ts";

/** Wrong use of the command line; `message` is one line for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(withoutRedisUrls(message));
  }
}
