import { runApp } from "./run-app.ts";
import {
  type NodeHandlerOptions,
  type NodeListener,
  nodeHandler,
} from "./worker/adapters/node-handler.ts";
import { App } from "./worker/app/app.ts";

/**
 * An app of a request listener made for `node:http`: an Express app,
 * `koa.callback()`, `fastify.routing`. Its own routes, if it is given any, come
 * first.
 *
 * @throws TypeError for what is no function
 */
export function serveNode(
  listener: NodeListener,
  options: NodeHandlerOptions = {},
): App {
  return new App({ run: runApp, rest: nodeHandler(listener, options) });
}
