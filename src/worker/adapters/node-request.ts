/** Runs per request: fields are divided once, and joined when asked for. */
import { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { HttpRequest } from "../http/http-request.ts";

/** What Node's own parser does to a message, and its types leave out. */
interface Fillable {
  _addHeaderLines(flat: string[], count: number): void;
}

/**
 * A request as `node:http` gives it to listeners: a real `IncomingMessage`,
 * which asks its socket for the body by `resume()`.
 */
export class NodeRequest extends IncomingMessage {
  constructor(request: HttpRequest, socket: Duplex) {
    super(socket as Socket);
    const { method, target, httpVersion } = request;
    this.method = method;
    this.url = target;
    this.httpVersion = httpVersion;
    this.httpVersionMajor = 1;
    this.httpVersionMinor = httpVersion === "1.0" ? 0 : 1;
    addLines(this, request.headers);
  }
}

/** The body of the request is whole, or it has none. */
export function completeRequest(
  message: IncomingMessage,
  trailers: HttpHeaders | undefined,
): void {
  message.complete = true;
  if (trailers) addLines(message, trailers);
  message.push(null);
}

/** The error that Node's server reports when the client has left. */
export function clientAborted(): Error {
  return Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}

/** As fields; of a message that is complete, as trailers. */
function addLines(message: IncomingMessage, headers: HttpHeaders): void {
  const flat: string[] = [];
  headers.forEachLine((name, value) => {
    flat.push(name, value);
  });
  (message as unknown as Fillable)._addHeaderLines(flat, flat.length);
}
