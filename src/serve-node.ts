import { runApp } from "./run-app.ts";
import {
  type NodeHandlerOptions,
  type NodeListener,
  nodeHandler,
} from "./worker/adapters/node-handler.ts";
import { App } from "./worker/app/app.ts";

/**
 * Creates an app from a request listener of `node:http`: an Express app,
 * `koa.callback()`, `fastify.routing`. Routes added to the app take precedence
 * over the listener.
 *
 * @throws TypeError unless `listener` is a function, or for an invalid option
 */
export function serveNode(
  listener: NodeListener,
  options: NodeHandlerOptions = {},
): App {
  return new App({ run: runApp, fallback: nodeHandler(listener, options) });
}
