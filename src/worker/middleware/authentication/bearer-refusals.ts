/** Runs per request that is refused. */
import type { HttpResponse } from "../../http/http-response.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { problem, unauthorized } from "../../http/response-helpers.ts";
import { quotedString } from "../quoted-string.ts";

/** The answers that RFC 6750 §3 has for requests without the right token. */
export interface BearerRefusals {
  /** §3.1: without credentials there is no error to name. */
  missing(): HttpResponse;
  malformed(): HttpResponse;
  /** @param why ASCII without quotes and backslashes */
  invalid(why: string): HttpResponse;
  /** @param scopes those that would do */
  insufficient(scopes: readonly string[]): HttpResponse;
}

/** @param realm that is quotable */
export function bearerRefusals(realm: string): BearerRefusals {
  const challenge = `Bearer realm=${quotedString(realm)}`;
  const because = (error: string, why: string) =>
    `${challenge}, error="${error}", error_description="${why}"`;
  return {
    missing: () => unauthorized(challenge),
    malformed() {
      const why = "the field Authorization has no bearer token";
      return problem(HttpStatus.BadRequest, why).with(
        "WWW-Authenticate",
        because("invalid_request", why),
      );
    },
    invalid: (why) => unauthorized(because("invalid_token", why), why),
    insufficient(scopes) {
      const why = "the token does not allow this";
      const scope = `scope=${quotedString(scopes.join(" "))}`;
      return problem(HttpStatus.Forbidden, why).with(
        "WWW-Authenticate",
        `${because("insufficient_scope", why)}, ${scope}`,
      );
    },
  };
}
