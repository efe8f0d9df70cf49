/**
 * The name and the type of a value that a request carries: see
 * `RequestContext`. Two keys are two keys, also with the same name.
 */
export class ContextKey<Value> {
  /** For messages. */
  readonly name: string;
  /** For the compiler alone: the type is neither narrowed nor widened. */
  declare readonly type?: (value: Value) => Value;

  constructor(name: string) {
    this.name = name;
  }
}

/** @param name what messages call it */
export function contextKey<Value>(name: string): ContextKey<Value> {
  return new ContextKey(name);
}
