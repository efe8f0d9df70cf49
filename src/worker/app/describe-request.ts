import type { HttpRequest } from "../http/http-request.ts";

/** For log lines: "GET /users/:id", or the path where no route took it. */
export function describeRequest(request: HttpRequest): string {
  return `${request.method} ${request.route ?? request.path}`;
}
