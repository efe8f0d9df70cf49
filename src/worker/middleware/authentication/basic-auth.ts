/** Runs per request: a few strings, and one HMAC if `users` are given. */

import { checkOptions, ofType } from "../../../shared/check-options.ts";
import { contextKey } from "../../http/context-key.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { quotable } from "../quoted-string.ts";
import {
  type Authentication,
  authenticate,
  checkOneOf,
  type Refused,
} from "./authentication.ts";
import { basicCredentials } from "./basic-credentials.ts";
import { basicChallenges } from "./challenges.ts";
import { secretMatcher } from "./secret-matcher.ts";

export interface BasicAuthOptions<User = string> {
  /** Shown to users in the login prompt, Latin-1. Default: "Restricted". */
  readonly realm?: string;
  /** Passwords by name; the name becomes the user. */
  readonly users?: Readonly<Record<string, string>>;
  /**
   * Instead of `users`: returns the user, or a falsy value to refuse. Compare
   * secrets with `crypto.timingSafeEqual()`, and stored passwords with a hash
   * made for passwords, such as `crypto.scrypt()`.
   */
  readonly verify?: (
    name: string,
    password: string,
    request: HttpRequest,
  ) => User | Refused | Promise<User | Refused>;
}

type Verify<User> = NonNullable<BasicAuthOptions<User>["verify"]>;

/**
 * Admits requests with a valid name and password (RFC 7617), in UTF-8. Other
 * requests get 401 and the challenge. Handlers get the user with
 * `request.context.need(auth.user)`.
 *
 * Over plain HTTP anyone on the network path can read the password.
 *
 * @throws TypeError for unknown, invalid or missing options, for a name with a
 * colon, and for an empty name or password
 */
export function basicAuth<User = string>(
  options: BasicAuthOptions<User>,
): Authentication<User> {
  checkOptions("basicAuth()", options, {
    realm: quotable,
    users: { isValid: areUsers, valid: USERS },
    verify: ofType("function"),
  });
  const { realm = "Restricted", users, verify } = options;
  checkOneOf("basicAuth()", { users, verify });
  const find = verify ?? (finderOf(users ?? {}) as Verify<User>);
  const user = contextKey<User>("user");
  const middleware = authenticate(user, {
    challenges: basicChallenges(realm),
    read: basicCredentials,
    verify: ({ name, password }, request) => find(name, password, request),
  });
  return Object.assign(middleware, { user });
}

const USERS =
  "an object with passwords by name, neither of them empty or with control " +
  "characters, and names without a colon";
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 §2 bans them
const NAME = /^[^\x00-\x1f\x7f:]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 §2 bans them
const PASSWORD = /^[^\x00-\x1f\x7f]+$/;

function areUsers(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length > 0 &&
    entries.every(([name, password]) => {
      return (
        NAME.test(name) &&
        typeof password === "string" &&
        PASSWORD.test(password)
      );
    })
  );
}

/** Joins name and password to one secret; a name contains no colon. */
function finderOf(users: Readonly<Record<string, string>>) {
  const match = secretMatcher(
    Object.entries(users).map(([name, password]) => {
      const owner = name.normalize("NFC");
      return [owner, `${owner}:${password.normalize("NFC")}`] as const;
    }),
  );
  return (name: string, password: string) => match(`${name}:${password}`);
}
