import { HttpError } from "../http-error.ts";

/** A form that is not what RFC 2046 and RFC 7578 describe. */
export function invalidForm(what: string): HttpError {
  return new HttpError(400, `the form is not valid: ${what}`);
}
