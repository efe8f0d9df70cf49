import { runApp } from "./run-app.ts";
import {
  type FetchHandlerOptions,
  type FetchLikeHandler,
  fetchHandler,
} from "./worker/adapters/fetch-handler.ts";
import { App } from "./worker/app/app.ts";

/**
 * An app of a handler in the style of `fetch`: `app.fetch` of Hono and its
 * like. Its own routes, if it is given any, come first.
 *
 * @throws TypeError for what is no function
 */
export function serveFetch(
  handler: FetchLikeHandler,
  options: FetchHandlerOptions = {},
): App {
  return new App({ run: runApp, rest: fetchHandler(handler, options) });
}
