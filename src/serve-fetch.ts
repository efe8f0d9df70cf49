import { runApp } from "./run-app.ts";
import {
  type FetchHandlerOptions,
  type FetchLikeHandler,
  fetchHandler,
} from "./worker/adapters/fetch-handler.ts";
import { App } from "./worker/app/app.ts";

/**
 * Creates an app from a fetch handler, such as `app.fetch` of Hono. Routes
 * added to the app take precedence over the handler.
 *
 * @throws TypeError unless `handler` is a function, or for an invalid option
 */
export function serveFetch(
  handler: FetchLikeHandler,
  options: FetchHandlerOptions = {},
): App {
  return new App({ run: runApp, fallback: fetchHandler(handler, options) });
}
