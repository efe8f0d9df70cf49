/** Runs per request. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { UpgradeResponse } from "../http/upgrade-response.ts";
import { setClientProperties } from "./client-properties.ts";
import { HostedServer } from "./hosted-server.ts";
import { incomingMessage } from "./incoming-message.ts";
import { failExchange } from "./node-response.ts";
import { isNodeServer } from "./node-server.ts";

/** An argument of `http.createServer()`: an Express app, `koa.callback()`. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
) => unknown;

/** A listener or a server that requests are given to. */
export type NodeHosted = NodeListener | Server;

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
 * A handler that gives requests to a listener made for `node:http`, or to a
 * server of it that does not listen: as its "request" events, and with real
 * requests and responses. docs/api.md lists the differences.
 *
 * @throws TypeError for something else, or for `onUpgrade` beside a server,
 * which has "upgrade" events
 */
export function nodeHandler(
  hosted: NodeHosted,
  options: NodeHandlerOptions = {},
): Handler {
  const server = serverOf(hosted, options);
  return handlerOf(new HostedServer(server, { isPart: true }), options);
}

/** The handler of a server, made by `serverOf()` with the same options. */
export function handlerOf(
  server: HostedServer,
  { onUpgrade }: NodeHandlerOptions = {},
): Handler {
  if (!onUpgrade) return (request) => server.handle(request);
  return (request) => {
    return request.upgrades.includes("websocket")
      ? upgradeWith(onUpgrade, request)
      : server.handle(request);
  };
}

/** @throws TypeError as `nodeHandler()` */
export function serverOf(
  hosted: NodeHosted,
  { onUpgrade }: NodeHandlerOptions = {},
): Server {
  if (isNodeServer(hosted) && onUpgrade) {
    throw new TypeError(
      'onUpgrade is for a listener; of a server write server.on("upgrade")',
    );
  }
  if (isNodeServer(hosted)) return hosted;
  if (typeof hosted !== "function") {
    throw new TypeError(
      "a listener is a function of (request, response), as " +
        "http.createServer() takes, or a server of http.createServer(), " +
        `not ${typeof hosted}`,
    );
  }
  return createServer((request, response) => {
    const returned = hosted(request, response);
    // Node's server would end the process where that is rejected.
    if (returned instanceof Promise) {
      returned.catch((error) => failExchange(response, error));
    }
  });
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
