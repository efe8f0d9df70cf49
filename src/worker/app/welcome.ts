import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { html, ok, text } from "../http/response-helpers.ts";
import { App } from "./app.ts";
import { welcomePage } from "./welcome-page.ts";

/**
 * The app that runs without an app module: a welcome page at `/`, as text for
 * clients that do not accept HTML, and JSON at `/hello/:name`.
 */
export function welcomeApp(): App {
  return new App()
    .get("/", welcome)
    .get("/hello/:name", ({ pathParams }) =>
      ok({ message: `Hello ${pathParams.name}`, pid: process.pid }),
    );
}

function welcome(request: HttpRequest): HttpResponse {
  const wantsHtml = request.headers.get("Accept")?.includes("text/html");
  const answer = wantsHtml ? html(welcomePage(process.pid)) : text(plainText());
  return answer.with("Vary", "Accept");
}

function plainText(): string {
  return `Remuda runs. This answer came from worker process ${process.pid}.

No app was given. To serve your own: remuda start app.js

  this server   GET /hello/you
  its master    http://127.0.0.1:9090/ (unless configured otherwise)
                /livez /readyz /status /metrics
`;
}
