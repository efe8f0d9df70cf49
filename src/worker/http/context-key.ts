/**
 * Identifies a value in a `RequestContext`, and gives it a type. Keys are
 * distinct even if their names are equal.
 */
export class ContextKey<Value> {
  /** Used in messages. */
  readonly name: string;
  /** Only for the compiler: makes the type invariant. */
  declare readonly type?: (value: Value) => Value;

  constructor(name: string) {
    this.name = name;
  }
}

/** @param name used in messages */
export function contextKey<Value>(name: string): ContextKey<Value> {
  return new ContextKey(name);
}
