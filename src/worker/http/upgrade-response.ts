import type { Duplex } from "node:stream";
import type { HttpRequest, PathParams } from "./http-request.ts";
import { HttpResponse } from "./http-response.ts";
import { HttpStatus } from "./http-status.ts";

/**
 * Takes a connection over: from now on its bytes are not HTTP, and the handler
 * answers also the request itself ("101 Switching Protocols", RFC 9110 §7.8).
 *
 * `socket` is the handler's alone: it reads it, ends it and listens for its
 * errors. `head` is what the client has sent behind the request already.
 */
export type UpgradeHandler<Params extends PathParams = PathParams> = (
  request: HttpRequest<Params>,
  socket: Duplex,
  head: Buffer,
) => void | Promise<void>;

/**
 * The answer of a route that takes an upgrade. Middleware sees it as a
 * response of status 101; nothing of it is sent.
 */
export class UpgradeResponse extends HttpResponse {
  override readonly status: number = HttpStatus.SwitchingProtocols;
  /** Called with the socket once all answers before it have been sent. */
  readonly takeSocket: (socket: Duplex, head: Buffer) => void | Promise<void>;

  constructor(takeSocket: UpgradeResponse["takeSocket"]) {
    super();
    this.takeSocket = takeSocket;
  }
}
