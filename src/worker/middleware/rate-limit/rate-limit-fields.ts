/**
 * Response fields of draft-ietf-httpapi-ratelimit-headers-11. Runs per counted
 * request.
 */
import type { Count } from "../../../shared/rate-limits/counter.ts";
import type { HttpHeaders } from "../../http/fields/http-headers.ts";
import type { HttpResponse } from "../../http/http-response.ts";
import { HttpStatus } from "../../http/http-status.ts";
import { problem } from "../../http/response-helpers.ts";

/** Problem type of the draft, §5.1. */
const QUOTA_EXCEEDED = {
  type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
  title: "Request cannot be satisfied as assigned quota has been exceeded",
} as const;

/** A limit. Its name needs no escapes in a String (RFC 9651 §3.3.3). */
export interface Policy {
  readonly name: string;
  readonly max: number;
  readonly windowMs: number;
}

/** Adds the limit to the fields that an inner limit may have set. */
export function addFields(
  response: HttpResponse,
  policy: Policy,
  { used, msLeft }: Count,
): HttpResponse {
  const { name, max, windowMs } = policy;
  const { headers } = response;
  const left = Math.max(0, max - used);
  setItem(
    headers,
    "RateLimit-Policy",
    `"${name}";q=${max};w=${windowMs / 1000}`,
  );
  setItem(headers, "RateLimit", `"${name}";r=${left};t=${secondsOf(msLeft)}`);
  return response;
}

/** A 429 response with the problem type that the draft registers. */
export function limited(policy: Policy, count: Count): HttpResponse {
  const members = { ...QUOTA_EXCEEDED, "violated-policies": [policy.name] };
  const status = HttpStatus.TooManyRequests;
  const response = problem(status, undefined, members);
  // Draft §6: not earlier than the end of the window.
  const seconds = String(Math.max(1, secondsOf(count.msLeft)));
  return addFields(response.with("Retry-After", seconds), policy, count);
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** Replaces an item of the same policy name. */
function setItem(headers: HttpHeaders, field: string, item: string): void {
  const name = item.slice(0, item.indexOf(";") + 1);
  const others = headers
    .getAll(field)
    .flatMap((line) => line.split(", "))
    .filter((other) => !other.startsWith(name));
  headers.set(field, [...others, item].join(", "));
}
