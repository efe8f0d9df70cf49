/** Runs per request: one lookup by method, nothing is made. */
import type { Route } from "./route.ts";

/** A place in the tree where patterns end, with a route for each method. */
export class Endpoint {
  readonly #routes = new Map<string, Route>();

  /** @throws Error naming both patterns, where the method is taken */
  add(route: Route): void {
    const { method, pattern } = route;
    const earlier = this.#routes.get(method);
    if (earlier) {
      throw new Error(
        `${method} ${pattern.source} would never be reached: the paths are ` +
          `those of ${method} ${earlier.pattern.source}`,
      );
    }
    this.#routes.set(method, route);
  }

  /** HEAD falls to the GET route (RFC 9110 §9.3.2). */
  routeFor(method: string): Route | undefined {
    const route = this.#routes.get(method);
    if (route || method !== "HEAD") return route;
    return this.#routes.get("GET");
  }

  /** In the order of registration. */
  get routes(): readonly Route[] {
    return [...this.#routes.values()];
  }
}
