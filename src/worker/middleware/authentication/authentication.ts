/** Runs per request: no promise if `verify` answers synchronously. */
import type { ContextKey } from "../../http/context-key.ts";
import type { Middleware } from "../../http/handler.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import { HttpResponse } from "../../http/http-response.ts";
import { whenKnown } from "../when-known.ts";
import type { Challenges } from "./challenges.ts";

/** Middleware that admits requests whose user is known. */
export interface Authentication<User> extends Middleware {
  /** For handlers: `request.context.need(auth.user)`. */
  readonly user: ContextKey<User>;
}

/** Result of a `verify` function that rejects the credentials. */
export type Refused = undefined | null | false | 0 | "";

/** Contents of an Authorization field. */
export type Credentials<Given extends object> =
  /** No field, or one of another scheme. */
  | { readonly type: "none" }
  | { readonly type: "malformed" }
  | ({ readonly type: "given" } & Given);

/** An authentication scheme (RFC 9110 §11.1). */
export interface Scheme<Given extends object, User> {
  readonly challenges: Challenges;
  readonly read: (field: string | undefined) => Credentials<Given>;
  /** Resolves with the user, or with the response that refuses the request. */
  readonly verify: (
    given: Given,
    request: HttpRequest,
  ) => Verified<User> | Promise<Verified<User>>;
}

type Verified<User> = User | Refused | HttpResponse;

/** Admits requests with valid credentials, and puts the user under `key`. */
export function authenticate<Given extends object, User>(
  key: ContextKey<User>,
  { challenges, read, verify }: Scheme<Given, User>,
): Middleware {
  return (request, next) => {
    const credentials = read(request.headers.get("authorization"));
    if (credentials.type === "none") return challenges.missing();
    if (credentials.type === "malformed") return challenges.malformed();
    return whenKnown(verify(credentials, request), (user) => {
      if (user instanceof HttpResponse) return user;
      if (isRefused(user)) return challenges.invalid();
      request.context.set(key, user);
      return next(request);
    });
  };
}

function isRefused(user: unknown): user is Refused {
  return !user;
}

/** @throws TypeError unless exactly one of the options is given */
export function checkOneOf(owner: string, given: object): void {
  const names = Object.keys(given);
  const count = Object.values(given).filter((one) => one !== undefined).length;
  if (count === 1) return;
  const what = names.map((name) => `"${name}"`).join(" or ");
  throw new TypeError(
    `${owner} needs ${what}${count === 0 ? "" : ", and one of them only"}`,
  );
}
