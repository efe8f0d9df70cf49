/**
 * Runs per response. A real `ServerResponse`, so that all of its checks and
 * events are Node's own; only what would write bytes to a socket leads
 * elsewhere.
 *
 * Those functions are properties of each response, not of a class: Express
 * gives responses another prototype, in which a class would be lost.
 */
import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
  validateHeaderName,
  validateHeaderValue,
} from "node:http";
import type { Socket } from "node:net";
import { HttpHeaders } from "../http/fields/http-headers.ts";
import { mayBeTrailer } from "../http/fields/response-trailers.ts";
import type { Chunk } from "./chunk-queue.ts";
import { type InterimHead, parseInterimHead } from "./parse-interim-head.ts";

/** Takes what the app writes. */
export interface NodeResponseOwner {
  /** An interim response is to be sent before the answer. */
  onInterim(interim: InterimHead): void;
  /** The head is known. @param headers without what the server writes */
  onHead(status: number, reason: string, headers: HttpHeaders): void;
  onChunk(piece: Chunk, callback: Callback | undefined): void;
  /** A `write()` or `flushHeaders()` is over. @returns if there is room */
  onWritten(): boolean;
  /** An `end()` begins: what is called back now is told of the end. */
  onEnding(): void;
  onEnded(): void;
}

export type Callback = (error?: Error | null) => void;

const OWNER = Symbol("owner");

/** What Node's own server uses of a response, and its types leave out. */
interface Inside {
  [OWNER]: NodeResponseOwner;
  _header: string | null;
  _headerSent: boolean;
  _contentLength: number | null;
  _trailer: string;
  getRawHeaderNames(): string[];
  _storeHeader(statusLine: string, headers: GivenHeaders): void;
  _writeRaw(data: string, encoding: Encoding, callback?: Callback): boolean;
  _send(data: Chunk, encoding?: Encoding, callback?: Callback | null): boolean;
}

type NodeResponse = ServerResponse & Inside;
type WriteArguments = [
  chunk: unknown,
  encoding: BufferEncoding,
  callback?: () => void,
];
type Encoding = BufferEncoding | null;
type GivenHeaders =
  | OutgoingHttpHeaders
  | readonly OutgoingHttpHeader[]
  | readonly (readonly [string, OutgoingHttpHeader])[]
  | null
  | undefined;

const { write: writeByNode, end: endByNode } = ServerResponse.prototype;
const flushByNode = ServerResponse.prototype.flushHeaders;

export function nodeResponse(
  message: IncomingMessage,
  owner: NodeResponseOwner,
): ServerResponse {
  const response = new ServerResponse(message) as NodeResponse;
  response[OWNER] = owner;
  response._storeHeader = storeHeader;
  response._send = send;
  response._writeRaw = writeRaw;
  response.write = write as typeof response.write;
  response.end = end as typeof response.end;
  response.flushHeaders = flushHeaders;
  response.shouldKeepAlive = true; // whether it may is the server's affair
  response.assignSocket(message.socket as Socket);
  return response;
}

/** The length of content that `end()` was given, where there is one. */
export function endedLength(response: ServerResponse): number {
  return (response as NodeResponse)._contentLength ?? 0;
}

/**
 * The fields given to `addTrailers()` so far, without those that must not be
 * trailers.
 */
export function addedTrailers(response: ServerResponse): HttpHeaders {
  const all = HttpHeaders.fromCheckedLines((response as NodeResponse)._trailer);
  const trailers = new HttpHeaders();
  all.forEachLine((name, value) => {
    if (mayBeTrailer(name)) trailers.append(name, value);
  });
  return trailers;
}

/** Whether `addTrailers()` has been called. */
export function hasTrailers(response: ServerResponse): boolean {
  return (response as NodeResponse)._trailer !== "";
}

/** Node calls it from `writeHead()`, when all is known. */
function storeHeader(
  this: NodeResponse,
  statusLine: string,
  given: GivenHeaders,
): void {
  const { statusCode, statusMessage } = this;
  if (statusCode < 200 || statusCode > 599) {
    throw new RangeError(
      `a response's status is 200 to 599, not ${statusCode}: interim ` +
        "responses have functions of their own, and upgrades go to onUpgrade",
    );
  }
  const headers = fieldsOf(this, given);
  if (isOnlyChunked(headers)) headers.delete("Transfer-Encoding");
  if (!this.shouldKeepAlive) headers.set("Connection", "close");
  const length = headers.get("Content-Length");
  if (length !== undefined) this._contentLength = Number(length);
  this._header = `${statusLine}\r\n`;
  this._headerSent = false;
  this.chunkedEncoding = false; // the server divides it, not Node
  this[OWNER].onHead(statusCode, statusMessage, headers);
}

/** Node calls it for content, and with "" for the head alone. */
function send(
  this: NodeResponse,
  data: Chunk,
  encoding?: Encoding,
  callback?: Callback | null,
): boolean {
  this._headerSent = true;
  const isText = typeof data === "string";
  const isUtf8 = !encoding || encoding === "utf8" || encoding === "utf-8";
  const isDone = !isText || isUtf8 || data === "";
  const piece = isDone ? data : Buffer.from(data, encoding);
  this[OWNER].onChunk(piece, callback ?? undefined);
  return true;
}

/** Node calls it for interim responses alone: all else goes by `_send()`. */
function writeRaw(
  this: NodeResponse,
  data: string,
  _encoding: Encoding,
  callback?: Callback,
): boolean {
  this[OWNER].onInterim(parseInterimHead(data));
  if (callback) process.nextTick(callback);
  return true;
}

function write(this: NodeResponse, ...args: WriteArguments): boolean {
  const isTaken = writeByNode.call(this, ...args);
  // Before the head is known nothing has been taken.
  const hasRoom = !this.headersSent || this[OWNER].onWritten();
  return isTaken && hasRoom;
}

function end(this: NodeResponse, ...args: WriteArguments): ServerResponse {
  this[OWNER].onEnding();
  endByNode.call(this, ...args);
  if (this.writableEnded) this[OWNER].onEnded();
  return this;
}

function flushHeaders(this: NodeResponse): void {
  flushByNode.call(this);
  this[OWNER].onWritten();
}

/** What was set, or else what `writeHead()` was given alone. */
function fieldsOf(response: NodeResponse, given: GivenHeaders): HttpHeaders {
  const headers = new HttpHeaders();
  const names = response.getRawHeaderNames();
  if (names.length > 0) {
    for (const name of names) append(headers, name, response.getHeader(name));
    return headers;
  }
  for (const [name, value] of pairsOf(given)) {
    validateHeaderName(name);
    validateHeaderValue(name, value as string);
    append(headers, name, value);
  }
  return headers;
}

function pairsOf(given: GivenHeaders): readonly [string, unknown][] {
  if (!given) return [];
  if (!Array.isArray(given)) return Object.entries(given);
  if (Array.isArray(given[0])) return given as [string, unknown][];
  const pairs: [string, unknown][] = [];
  for (let at = 0; at < given.length; at += 2) {
    pairs.push([given[at], given[at + 1]]);
  }
  return pairs;
}

function append(headers: HttpHeaders, name: string, value: unknown): void {
  if (!Array.isArray(value)) headers.append(name, String(value));
  else if (value.length > 1 && name.toLowerCase() === "cookie") {
    headers.append(name, value.join("; "));
  } else for (const one of value) headers.append(name, String(one));
}

function isOnlyChunked(headers: HttpHeaders): boolean {
  return headers.get("Transfer-Encoding")?.toLowerCase() === "chunked";
}
