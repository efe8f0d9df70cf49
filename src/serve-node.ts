import { runApp } from "./run-app.ts";
import { agentMakesSpans } from "./worker/adapters/agent-makes-spans.ts";
import {
  type NodeHandlerOptions,
  type NodeHosted,
  nodeHandler,
} from "./worker/adapters/node-handler.ts";
import { acceptedBy } from "./worker/adapters/node-server.ts";
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
  const fallback = nodeHandler(hosted, options);
  return new App({
    run: runApp,
    fallback,
    accepts: acceptedBy(hosted),
    agentMakesSpans: () => agentMakesSpans(hosted),
  });
}
