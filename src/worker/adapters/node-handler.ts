/** Runs per request. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { UpgradeResponse } from "../http/upgrade-response.ts";
import { setClientProperties } from "./client-properties.ts";
import { incomingMessage } from "./incoming-message.ts";
import { NodeExchange } from "./node-exchange.ts";

/** An argument of `http.createServer()`: an Express app, `koa.callback()`. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
) => unknown;

export interface NodeHandlerOptions {
  /**
   * Like `server.on("upgrade")`, for WebSocket on any path. Default: upgrades
   * are ignored, and the request is served as HTTP.
   */
  readonly onUpgrade?: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ) => unknown;
}

/**
 * A handler that runs a listener made for `node:http`, with a real request and
 * response. docs/api.md lists the differences.
 *
 * @throws TypeError unless it is a function
 */
export function nodeHandler(
  listener: NodeListener,
  options: NodeHandlerOptions = {},
): Handler {
  if (typeof listener !== "function") {
    throw new TypeError(
      "a listener is a function of (request, response), as " +
        `http.createServer() takes, not ${typeof listener}`,
    );
  }
  const { onUpgrade } = options;
  return (request) => {
    if (onUpgrade && request.upgrades.includes("websocket")) {
      return upgradeWith(onUpgrade, request);
    }
    const exchange = new NodeExchange(request);
    const { incoming, outgoing } = exchange;
    let returned: unknown;
    try {
      returned = listener(incoming, outgoing);
    } catch (error) {
      exchange.fail(error);
    }
    const answer = exchange.answer();
    if (returned instanceof Promise) {
      returned.catch((error) => exchange.fail(error));
    }
    return answer;
  };
}

function upgradeWith(
  onUpgrade: NonNullable<NodeHandlerOptions["onUpgrade"]>,
  request: HttpRequest,
): UpgradeResponse {
  return new UpgradeResponse(async (socket, head) => {
    setClientProperties(socket, request);
    await onUpgrade(incomingMessage(request, socket), socket, head);
  });
}
