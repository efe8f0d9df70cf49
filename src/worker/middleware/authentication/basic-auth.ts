/** Runs per request: a few strings, and an HMAC where `users` are given. */
import { contextKey } from "../../http/context-key.ts";
import type { Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { unauthorized } from "../../http/response-helpers.ts";
import { checkOptions, ofType } from "../check-options.ts";
import { isQuotable, quotedString } from "../quoted-string.ts";
import { whenKnown } from "../when-known.ts";
import {
  type Authentication,
  checkOneOf,
  isRefused,
  type Refused,
} from "./authentication.ts";
import { basicCredentials } from "./basic-credentials.ts";
import { secretMatcher } from "./secret-matcher.ts";

export interface BasicAuthOptions<User = string> {
  /** What the client shows who is to log in. Default: "Restricted". */
  readonly realm?: string;
  /** Passwords by name. Then the user is the name. */
  readonly users?: Readonly<Record<string, string>>;
  /**
   * In place of `users`: gives the user, or what is falsy to refuse. To compare
   * secrets use `crypto.timingSafeEqual()`, for stored ones a hash made for
   * passwords, as `crypto.scrypt()`.
   */
  readonly verify?: (
    name: string,
    password: string,
    request: HttpRequest,
  ) => User | Refused | Promise<User | Refused>;
}

type Verify<User> = NonNullable<BasicAuthOptions<User>["verify"]>;

/**
 * Lets requests through that have a name and a password (RFC 7617), in UTF-8;
 * all others get 401 and the challenge. Handlers get the user by
 * `request.context.need(auth.user)`.
 *
 * Over plain HTTP everybody on the way can read the password.
 *
 * @throws TypeError for options that are none or missing, a name with a colon,
 * and an empty name or password
 */
export function basicAuth<User = string>(
  options: BasicAuthOptions<User>,
): Authentication<User> {
  checkOptions("basicAuth()", options, {
    realm: {
      isValid: isQuotable,
      valid: "a text of Latin-1 without control characters",
    },
    users: { isValid: areUsers, valid: USERS },
    verify: ofType("function"),
  });
  const { realm = "Restricted", users, verify } = options;
  checkOneOf("basicAuth()", { users, verify });
  const find = verify ?? (finderOf(users ?? {}) as Verify<User>);
  const challenge = `Basic realm=${quotedString(realm)}, charset="UTF-8"`;
  const user = contextKey<User>("user");

  const middleware: Middleware = (request, next) => {
    const field = request.headers.get("authorization");
    const credentials = basicCredentials(field);
    if (!credentials) return unauthorized(challenge);
    const { name, password } = credentials;
    return whenKnown(find(name, password, request), (found) => {
      if (isRefused(found)) return unauthorized(challenge);
      request.context.set(user, found);
      return next(request);
    });
  };
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

/** A name has no colon, so name and password are one secret together. */
function finderOf(users: Readonly<Record<string, string>>) {
  const match = secretMatcher(
    Object.entries(users).map(([name, password]) => {
      const owner = name.normalize("NFC");
      return [owner, `${owner}:${password.normalize("NFC")}`] as const;
    }),
  );
  return (name: string, password: string) => match(`${name}:${password}`);
}
