/** Runs per request: field lines are split once, and joined on demand. */
import { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  addFieldLines,
  setDestroy,
} from "../../shared/node-internals/request-internals.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { HttpRequest } from "../http/http-request.ts";

/** A request as `node:http` gives it to listeners: a real `IncomingMessage`. */
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

/** Programs ask for the name of the class. */
Object.defineProperty(NodeRequest.prototype, "constructor", {
  value: IncomingMessage,
  configurable: true,
  writable: true,
});

/** Ends the message: its body is complete, or it has none. */
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

/** Keeps `destroy()` of the message from destroying its socket. */
export function destroyAlone(message: IncomingMessage): void {
  setDestroy(message, destroyWithoutSocket);
}

function destroyWithoutSocket(
  this: IncomingMessage,
  error: Error | null,
  callback: (error?: Error | null) => void,
): void {
  const hasListener = this.listenerCount("error") > 0;
  process.nextTick(callback, hasListener ? error : null);
}

/** As headers, or as trailers of a message that is complete. */
function addLines(message: IncomingMessage, headers: HttpHeaders): void {
  const flat: string[] = [];
  headers.forEachLine((name, value) => {
    flat.push(name, value);
  });
  addFieldLines(message, flat);
}
