import { HttpError } from "../http-error.ts";

/** The error for a violation of RFC 2046 or RFC 7578. */
export function invalidForm(what: string): HttpError {
  return new HttpError(400, `the form is not valid: ${what}`);
}
