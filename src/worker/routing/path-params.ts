/** Runs per request with parameters: one object, and decodes on need only. */
import type { PathParams } from "../http/http-request.ts";
import { decodedSegment } from "./decoded-segment.ts";

type NewParams = new () => Record<string, string>;

/**
 * Makes objects that inherit nothing, so that a parameter may be named
 * "__proto__"; unlike those of `Object.create(null)`, V8 keeps their
 * properties fast.
 */
function Params() {}
Params.prototype = Object.freeze(Object.create(null));

/**
 * Decodes each value, exactly once, and puts it under its name.
 *
 * @throws HttpError 400 where an escape is none, or gives no UTF-8
 */
export function pathParamsFrom(
  names: readonly string[],
  values: readonly string[],
): PathParams {
  const params = new (Params as unknown as NewParams)();
  for (let index = 0; index < names.length; index++) {
    params[names[index] as string] = decodedSegment(values[index] as string);
  }
  return params;
}
