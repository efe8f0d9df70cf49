import type { Middleware } from "../http/handler.ts";

/** The middleware of some routes, inside that of the scopes around. */
export class MiddlewareScope {
  readonly #outer: readonly MiddlewareScope[];
  readonly #own: Middleware[] = [];

  /** @param outer the scopes around, the outermost first */
  constructor(...outer: readonly MiddlewareScope[]) {
    this.#outer = outer;
  }

  /** @throws TypeError for what is not a function */
  add(middleware: Middleware): void {
    if (typeof middleware !== "function") {
      throw new TypeError(`middleware is a function, not ${typeof middleware}`);
    }
    this.#own.push(middleware);
  }

  /** All of it, the outermost first. */
  all(): readonly Middleware[] {
    return [...this.#outer.flatMap((scope) => scope.all()), ...this.#own];
  }
}
