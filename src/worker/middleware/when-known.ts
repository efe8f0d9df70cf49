/** Runs per request: no promise for a synchronous value. */
import type { Answer } from "../http/handler.ts";
import { isThenable } from "../http/is-thenable.ts";

/** Calls `use` with a value, synchronously unless it is a promise. */
export function whenKnown<Value>(
  value: Value | PromiseLike<Value>,
  use: (value: Value) => Answer,
): Answer {
  if (!isThenable(value)) return use(value);
  return Promise.resolve(value).then(use);
}
