import { runApp } from "./run-app.ts";
import { HostedServer } from "./worker/adapters/hosted-server.ts";
import {
  handlerOf,
  type NodeHandlerOptions,
  type NodeHosted,
  serverOf,
} from "./worker/adapters/node-handler.ts";
import { acceptedBy } from "./worker/adapters/node-server.ts";
import { ServerAgents } from "./worker/adapters/server-agents.ts";
import { App } from "./worker/app/app.ts";

/**
 * Creates an app from a request listener of `node:http` (an Express app,
 * `koa.callback()`, `fastify.routing`) or from a server of it that does not
 * listen. Routes added to the app take precedence over it.
 *
 * @throws TypeError for something else, or for an invalid option
 */
export function serveNode(
  hosted: NodeHosted,
  options: NodeHandlerOptions = {},
): App {
  const server = serverOf(hosted, options);
  return new App({
    run: runApp,
    fallback: handlerOf(new HostedServer(server), options),
    accepts: acceptedBy(hosted),
    agents: new ServerAgents(server),
  });
}
