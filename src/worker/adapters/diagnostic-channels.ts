/**
 * Publishes what Node's server publishes on `node:diagnostics_channel`. Runs
 * per request: without subscribers nothing is made.
 */
import { channel } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

const requestStart = channel("http.server.request.start");
const responseFinish = channel("http.server.response.finish");

export interface ServedMessages {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * A request is about to be given to its listener. `ServerResponse` itself
 * publishes "http.server.response.created", in versions of Node that have it.
 */
export function publishStart(messages: ServedMessages, server: Server): void {
  if (requestStart.hasSubscribers) {
    requestStart.publish(about(messages, server));
  }
}

/** A response has been sent; "finish" follows. */
export function publishFinish(messages: ServedMessages, server: Server): void {
  if (responseFinish.hasSubscribers) {
    responseFinish.publish(about(messages, server));
  }
}

function about({ incoming, outgoing }: ServedMessages, server: Server): object {
  const { socket } = incoming;
  return { request: incoming, response: outgoing, socket, server };
}
