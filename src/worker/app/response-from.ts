import type { HttpRequest } from "../http/http-request.ts";
import { HttpResponse } from "../http/http-response.ts";
import { describeRequest } from "./describe-request.ts";

/** @throws TypeError with the route and the type of an invalid result */
export function responseFrom(
  value: unknown,
  request: HttpRequest,
): HttpResponse {
  if (value instanceof HttpResponse) return value;
  const advice =
    value === undefined
      ? 'is a "return" missing?'
      : "wrap it: ok(value) gives one";
  throw new TypeError(
    `${describeRequest(request)} returned ${kindOf(value)}, ` +
      `not an HttpResponse: ${advice}`,
  );
}

/** "undefined", "null", "a value of type string", "a value of type User". */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const type =
    typeof value === "object" ? value.constructor?.name : typeof value;
  return `a value of type ${type || "object"}`;
}
