import type { ContextKey } from "../../http/context-key.ts";
import type { Middleware } from "../../http/handler.ts";

/** Middleware that lets requests through whose user it knows. */
export interface Authentication<User> extends Middleware {
  /** For handlers: `request.context.need(auth.user)`. */
  readonly user: ContextKey<User>;
}

/** What a `verify` function gives for credentials that are not accepted. */
export type Refused = undefined | null | false | 0 | "";

/** @throws TypeError where not exactly one of them is given */
export function checkOneOf(owner: string, given: object): void {
  const names = Object.keys(given);
  const count = Object.values(given).filter((one) => one !== undefined).length;
  if (count === 1) return;
  const what = names.map((name) => `"${name}"`).join(" or ");
  throw new TypeError(
    `${owner} needs ${what}${count === 0 ? "" : ", and one of them only"}`,
  );
}

export function isRefused(verdict: unknown): verdict is Refused {
  return !verdict;
}
