import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { HttpRequest } from "../http/http-request.ts";
import { completeRequest, NodeRequest } from "./node-request.ts";

/**
 * A request for packages made for `node:http`, such as `ws` with its
 * `handleUpgrade()`: a real `IncomingMessage` whose body has ended.
 */
export function incomingMessage(
  request: HttpRequest,
  socket: Duplex,
): IncomingMessage {
  const message = new NodeRequest(request, socket);
  Object.assign(message, { upgrade: true });
  completeRequest(message, undefined);
  return message;
}
