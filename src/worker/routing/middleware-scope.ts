import type { Middleware } from "../http/handler.ts";

/** Middleware of a group of routes, inside the outer scopes. */
export class MiddlewareScope {
  readonly #outer: readonly MiddlewareScope[];
  readonly #own: Middleware[] = [];

  /** @param outer outer scopes, the outermost first */
  constructor(...outer: readonly MiddlewareScope[]) {
    this.#outer = outer;
  }

  /** @throws TypeError unless it is a function */
  add(middleware: Middleware): void {
    if (typeof middleware !== "function") {
      throw new TypeError(`middleware is a function, not ${typeof middleware}`);
    }
    this.#own.push(middleware);
  }

  /** Middleware of all scopes, the outermost first. */
  all(): readonly Middleware[] {
    return [...this.#outer.flatMap((scope) => scope.all()), ...this.#own];
  }
}
