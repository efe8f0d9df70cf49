import type { Duplex } from "node:stream";
import type { HttpRequest, PathParams } from "./http-request.ts";
import { HttpResponse } from "./http-response.ts";
import { HttpStatus } from "./http-status.ts";

/**
 * Takes over a connection, which is no longer HTTP. The handler also sends the
 * response to the request ("101 Switching Protocols", RFC 9110 §7.8).
 *
 * The handler owns `socket`: it reads it, ends it and handles its errors.
 * `head` is the data that the client has sent after the request so far.
 */
export type UpgradeHandler<Params extends PathParams = PathParams> = (
  request: HttpRequest<Params>,
  socket: Duplex,
  head: Buffer,
) => void | Promise<void>;

/**
 * The response of a route that accepts an upgrade. Middleware sees a response
 * with status 101, but none of it is sent.
 */
export class UpgradeResponse extends HttpResponse {
  override readonly status: number = HttpStatus.SwitchingProtocols;
  /** Called with the socket after all earlier responses have been sent. */
  readonly takeSocket: (socket: Duplex, head: Buffer) => void | Promise<void>;

  constructor(takeSocket: UpgradeResponse["takeSocket"]) {
    super();
    this.takeSocket = takeSocket;
  }
}
