/**
 * An `IncomingMessage` without a parser: fields, body and end are given to it
 * as Node's own parser and server do.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents that its
 * server creates these messages, and how to read them alone.
 *
 * Runs per request and per read: the functions are shared by all requests.
 */
import { IncomingMessage, type Server } from "node:http";

interface Fillable {
  _addHeaderLines(flat: string[], count: number): void;
}

interface Joining {
  joinDuplicateHeaders?: boolean;
}

type Read = (this: IncomingMessage, size: number) => void;

type Destroy = (
  this: IncomingMessage,
  error: Error | null,
  callback: (error?: Error | null) => void,
) => void;

/**
 * Adds fields; to a message that is complete, trailers.
 *
 * @param flat names and values in turns
 */
export function addFieldLines(message: IncomingMessage, flat: string[]): void {
  (message as unknown as Fillable)._addHeaderLines(flat, flat.length);
}

/** As the option `joinDuplicateHeaders` of the server says. */
export function joinDuplicatesAs(
  server: Server,
  message: IncomingMessage,
): void {
  const { joinDuplicateHeaders: joins } = server as Joining;
  if (joins) (message as Joining).joinDuplicateHeaders = joins;
}

/**
 * Has a function called when the stream wants bytes. It must call
 * `readByNode()`. Set on the object: a framework may replace its prototype.
 */
export function setRead(message: IncomingMessage, read: Read): void {
  message._read = read;
}

/** Resumes the message's socket. */
export function readByNode(message: IncomingMessage, size: number): void {
  IncomingMessage.prototype._read.call(message, size);
}

/** Replaces what destroys its socket too. */
export function setDestroy(message: IncomingMessage, destroy: Destroy): void {
  message._destroy = destroy;
}
