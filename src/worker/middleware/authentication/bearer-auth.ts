/** Runs per request: a few strings, and one HMAC if `tokens` are given. */

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
import { bearerCredentials, isBearerToken } from "./bearer-credentials.ts";
import { bearerChallenges } from "./challenges.ts";
import { secretMatcher } from "./secret-matcher.ts";

export interface BearerAuthOptions<User = string> {
  /** Realm of the challenge, Latin-1. Default: "Restricted". */
  readonly realm?: string;
  /**
   * Tokens by owner; the owner's name becomes the user. In a list the owner is
   * the index as a text: "0", "1" and so on.
   */
  readonly tokens?: Readonly<Record<string, string>> | readonly string[];
  /**
   * Instead of `tokens`: returns the user, or a falsy value to refuse. Compare
   * secrets with `crypto.timingSafeEqual()`.
   */
  readonly verify?: (
    token: string,
    request: HttpRequest,
  ) => User | Refused | Promise<User | Refused>;
}

type Verify<User> = NonNullable<BearerAuthOptions<User>["verify"]>;

/**
 * Admits requests with a valid token in `Authorization: Bearer` (RFC 6750
 * §2.1). Other requests get a challenge with 401, or 400 for a malformed token
 * (§3.1). Handlers get the user with `request.context.need(auth.user)`.
 *
 * @throws TypeError for unknown, invalid or missing options, and for tokens
 * that no client could send
 */
export function bearerAuth<User = string>(
  options: BearerAuthOptions<User>,
): Authentication<User> {
  checkOptions("bearerAuth()", options, {
    realm: quotable,
    tokens: { isValid: areTokens, valid: TOKENS },
    verify: ofType("function"),
  });
  const { realm = "Restricted", tokens, verify } = options;
  checkOneOf("bearerAuth()", { tokens, verify });
  const match = secretMatcher(Object.entries(tokens ?? {}));
  const find = verify ?? (match as Verify<User>);
  const user = contextKey<User>("user");
  const middleware = authenticate(user, {
    challenges: bearerChallenges(realm),
    read: bearerCredentials,
    verify: ({ token }, request) => find(token, request),
  });
  return Object.assign(middleware, { user });
}

const TOKENS =
  "an object with tokens by name, or a list of them; a token has letters, " +
  'digits and "-._~+/", then perhaps "=" (RFC 6750 §2.1)';

function areTokens(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const tokens = Object.values(value);
  return tokens.length > 0 && tokens.every(isBearerToken);
}
