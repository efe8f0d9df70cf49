/** Runs per request with parameters: one object; decodes only if needed. */
import { HttpError } from "../http/http-error.ts";
import type { PathParams } from "../http/http-request.ts";

type NewParams = new () => Record<string, string>;

/**
 * Creates objects without inherited properties, so a parameter may be named
 * "__proto__". Unlike those of `Object.create(null)`, V8 keeps their properties
 * in fast mode.
 */
function Params() {}
Params.prototype = Object.freeze(Object.create(null));

/**
 * Decodes each value once and stores it under its name.
 *
 * @throws HttpError 400 for an escape that is malformed or not UTF-8
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

/**
 * Decodes the escapes of a path segment, once.
 *
 * @throws HttpError 400 for an escape that is malformed or not UTF-8
 */
export function decodedSegment(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    const detail = "the path has an escape that is malformed or not UTF-8";
    throw new HttpError(400, detail, { cause });
  }
}
