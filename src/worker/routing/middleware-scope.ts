import type { Middleware } from "../http/handler.ts";

/** The middleware of a group of routes, inside that of the groups around. */
export class MiddlewareScope {
  readonly #outer: MiddlewareScope | undefined;
  readonly #own: Middleware[] = [];

  constructor(outer?: MiddlewareScope) {
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
    return [...(this.#outer?.all() ?? []), ...this.#own];
  }
}
