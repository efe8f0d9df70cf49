/** Runs per request: a few strings, and an HMAC where `tokens` are given. */
import { contextKey } from "../../http/context-key.ts";
import type { Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { checkOptions, ofType } from "../check-options.ts";
import { isQuotable } from "../quoted-string.ts";
import { whenKnown } from "../when-known.ts";
import {
  type Authentication,
  checkOneOf,
  isRefused,
  type Refused,
} from "./authentication.ts";
import { bearerCredentials, isBearerToken } from "./bearer-credentials.ts";
import { bearerRefusals } from "./bearer-refusals.ts";
import { secretMatcher } from "./secret-matcher.ts";

export interface BearerAuthOptions<User = string> {
  /** Default: "Restricted". */
  readonly realm?: string;
  /**
   * Tokens by the name of who has them, which is the user then; those of a list
   * are named by their place, "0" and so on.
   */
  readonly tokens?: Readonly<Record<string, string>> | readonly string[];
  /**
   * In place of `tokens`: gives the user, or what is falsy to refuse. To
   * compare secrets use `crypto.timingSafeEqual()`.
   */
  readonly verify?: (
    token: string,
    request: HttpRequest,
  ) => User | Refused | Promise<User | Refused>;
}

type Verify<User> = NonNullable<BearerAuthOptions<User>["verify"]>;

/**
 * Lets requests through that have a token in `Authorization: Bearer` (RFC 6750
 * §2.1); others get a challenge with 401, or 400 where what they have has not
 * the form of a token (§3.1). Handlers get the user by
 * `request.context.need(auth.user)`.
 *
 * @throws TypeError for options that are none or missing, and tokens that
 * could not be sent
 */
export function bearerAuth<User = string>(
  options: BearerAuthOptions<User>,
): Authentication<User> {
  checkOptions("bearerAuth()", options, {
    realm: {
      isValid: isQuotable,
      valid: "a text of Latin-1 without control characters",
    },
    tokens: { isValid: areTokens, valid: TOKENS },
    verify: ofType("function"),
  });
  const { realm = "Restricted", tokens, verify } = options;
  checkOneOf("bearerAuth()", { tokens, verify });
  const match = secretMatcher(Object.entries(tokens ?? {}));
  const find = verify ?? (match as Verify<User>);
  const refuse = bearerRefusals(realm);
  const user = contextKey<User>("user");

  const middleware: Middleware = (request, next) => {
    const field = request.headers.get("authorization");
    const credentials = bearerCredentials(field);
    if (credentials.type === "none") return refuse.missing();
    if (credentials.type === "malformed") return refuse.malformed();
    return whenKnown(find(credentials.token, request), (found) => {
      if (isRefused(found)) return refuse.invalid("the token is not valid");
      request.context.set(user, found);
      return next(request);
    });
  };
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
