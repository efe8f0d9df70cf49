/** Runs per refused request. */
import type { HttpResponse } from "../../http/http-response.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { problem, unauthorized } from "../../http/response-helpers.ts";
import { quotedString } from "../quoted-string.ts";

/** Responses to requests without valid credentials (RFC 9110 §11.6.1). */
export interface Challenges {
  missing(): HttpResponse;
  malformed(): HttpResponse;
  /** @param why ASCII without quotes and backslashes */
  invalid(why?: string): HttpResponse;
}

export interface BearerChallenges extends Challenges {
  /** @param scopes that the token lacks */
  insufficient(scopes: readonly string[]): HttpResponse;
}

/** @param realm quotable. One challenge for all refusals (RFC 7617 §2). */
export function basicChallenges(realm: string): Challenges {
  const challenge = `Basic realm=${quotedString(realm)}, charset="UTF-8"`;
  const refuse = () => unauthorized(challenge);
  return { missing: refuse, malformed: refuse, invalid: refuse };
}

/** @param realm quotable. The challenges of RFC 6750 §3. */
export function bearerChallenges(realm: string): BearerChallenges {
  const challenge = `Bearer realm=${quotedString(realm)}`;
  const because = (error: string, why: string) =>
    `${challenge}, error="${error}", error_description="${why}"`;
  return {
    // §3.1: a request without credentials gets no error code.
    missing: () => unauthorized(challenge),
    malformed() {
      const why = "the field Authorization has no bearer token";
      return problem(HttpStatus.BadRequest, why).with(
        "WWW-Authenticate",
        because("invalid_request", why),
      );
    },
    invalid: (why = "the token is not valid") =>
      unauthorized(because("invalid_token", why), why),
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
