/**
 * A server of `node:http` that does not listen: what Remuda has read is emitted
 * on it, so that whatever hooks into `http.Server` sees each request.
 *
 * Runs per request.
 */
import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { stopReadingConnections } from "../../shared/node-internals/connection-listener.ts";
import { emitPast } from "../../shared/node-internals/replaced-emit.ts";
import type { Answer } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { UpgradeResponse } from "../http/upgrade-response.ts";
import { setClientProperties } from "./client-properties.ts";
import { publishStart } from "./diagnostic-channels.ts";
import { incomingMessage } from "./incoming-message.ts";
import { NodeExchange } from "./node-exchange.ts";

const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

export interface HostedServerOptions {
  /** Whether it serves a part of an app of Remuda, which has its own spans. */
  readonly isPart?: boolean;
}

export class HostedServer {
  readonly #server: Server;
  readonly #isPart: boolean;

  constructor(server: Server, { isPart = false }: HostedServerOptions = {}) {
    stopReadingConnections(server);
    this.#server = server;
    this.#isPart = isPart;
  }

  handle(request: HttpRequest): Answer {
    const server = this.#server;
    if (request.method === "CONNECT") return this.#giveSocket(request);
    const mayUpgrade = request.upgrades.length > 0;
    if (mayUpgrade && server.listenerCount("upgrade") > 0) {
      return this.#giveSocket(request);
    }
    const exchange = new NodeExchange(request, server);
    const { incoming, outgoing } = exchange;
    request.span?.bind(incoming);
    request.span?.bind(outgoing);
    try {
      publishStart(exchange, server);
      const event = this.#eventFor(request);
      // The span of an agent would be a second one.
      const hasSpan = this.#isPart && request.span !== undefined;
      if (hasSpan) emitPast(server, event, incoming, outgoing);
      else server.emit(event, incoming, outgoing);
    } catch (error) {
      exchange.fail(error);
    }
    return exchange.answer();
  }

  /** As in Node, whether there are listeners decides who answers `Expect`. */
  #eventFor({ headers }: HttpRequest): string {
    const server = this.#server;
    const decides = server.listenerCount("checkContinue") > 0;
    const checks = server.listenerCount("checkExpectation") > 0;
    if (!decides && !checks) return "request";
    const expected = headers.get("Expect");
    if (expected === undefined) return "request";
    if (CONTINUE.test(expected)) return decides ? "checkContinue" : "request";
    return checks ? "checkExpectation" : "request";
  }

  #giveSocket(request: HttpRequest): UpgradeResponse {
    const event = request.method === "CONNECT" ? "connect" : "upgrade";
    return new UpgradeResponse((socket, head) => {
      setClientProperties(socket, request, this.#server);
      (socket as Duplex & { server?: Server }).server = this.#server;
      const incoming = incomingMessage(request, socket);
      this.#server.emit(event, incoming, socket, head);
    });
  }
}
