/** Runs per request, on listeners with a `readinessPath`. */
import type { Readiness } from "../shared/readiness.ts";
import { HttpHeaders } from "./http/fields/http-headers.ts";
import type { Handler } from "./http/handler.ts";
import type { HttpRequest } from "./http/http-request.ts";
import { HttpResponse } from "./http/http-response.ts";
import { HttpStatus } from "./http/http-status.ts";
import { methodNotAllowed } from "./http/response-helpers.ts";

const FIELDS = new HttpHeaders({
  "Content-Type": "text/plain; charset=utf-8",
  "Cache-Control": "no-store",
}).freeze();

/** Answers requests for `path` with the readiness of the server. */
export function readinessPage(
  path: string,
  readiness: Pick<Readiness, "isReady" | "why">,
): (handler: Handler) => Handler {
  const answer = ({ method }: HttpRequest): HttpResponse => {
    if (method !== "GET" && method !== "HEAD") {
      return methodNotAllowed(["GET", "HEAD"]);
    }
    const status = readiness.isReady
      ? HttpStatus.Ok
      : HttpStatus.ServiceUnavailable;
    // The same text as `/readyz` of the admin server.
    const body = `${readiness.isReady ? "ready" : readiness.why}\n`;
    return new HttpResponse(body, { status, headers: FIELDS });
  };
  return (handler) => (request) => {
    if (request.path !== path) return handler(request);
    request.route = path;
    return answer(request);
  };
}
