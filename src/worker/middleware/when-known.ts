/** Runs per request: no promise where the value is there. */
import type { Answer } from "../http/handler.ts";
import { isThenable } from "../http/is-thenable.ts";

/** Goes on with a value, in the same tick where it is there. */
export function whenKnown<Value>(
  value: Value | PromiseLike<Value>,
  goOn: (value: Value) => Answer,
): Answer {
  if (!isThenable(value)) return goOn(value);
  return Promise.resolve(value).then(goOn);
}
