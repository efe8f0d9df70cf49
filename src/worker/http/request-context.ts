/** Runs per request whose context is used: one Map. */
import type { ContextKey } from "./context-key.ts";

/**
 * Values that middleware passes to inner middleware and the handler: the user,
 * the claims of a token, an id.
 *
 *     const user = contextKey<User>("user");
 *     request.context.set(user, { name: "ann" }); // in middleware
 *     request.context.need(user).name; // in a handler
 */
export class RequestContext {
  readonly #values = new Map<object, unknown>();

  get<Value>(key: ContextKey<Value>): Value | undefined {
    return this.#values.get(key) as Value | undefined;
  }

  /** @throws Error where it is not set, as when its middleware has not run */
  need<Value>(key: ContextKey<Value>): Value {
    const value = this.#values.get(key);
    if (value !== undefined || this.#values.has(key)) return value as Value;
    throw new Error(
      `the request has no "${key?.name}" in its context: ` +
        "is the middleware that sets it around this route?",
    );
  }

  has<Value>(key: ContextKey<Value>): boolean {
    return this.#values.has(key);
  }

  set<Value>(key: ContextKey<Value>, value: Value): this {
    this.#values.set(key, value);
    return this;
  }

  delete<Value>(key: ContextKey<Value>): boolean {
    return this.#values.delete(key);
  }
}
