/**
 * Runs per response. A real `ServerResponse`, so that its checks and events are
 * Node's own; only the functions that write bytes to a socket are replaced.
 *
 * They are properties of each response, not methods of a class, because
 * Express replaces the prototype of responses.
 */
import {
  type IncomingMessage,
  ServerResponse,
  validateHeaderName,
  validateHeaderValue,
} from "node:http";
import {
  contentLengthOf,
  divertedResponse,
  type Encoding,
  type GivenHeaders,
  keepsAlive,
  markClosed,
  markHeadSent,
  type ResponseWrites,
  storeHead,
  trailerLinesOf,
} from "../../shared/node-internals/response-internals.ts";
import { HttpHeaders } from "../http/fields/http-headers.ts";
import { mayBeTrailer } from "../http/fields/response-trailers.ts";
import type { Chunk } from "./chunk-queue.ts";
import { type InterimHead, parseInterimHead } from "./parse-interim-head.ts";
import type { WriteCallback } from "./write-callbacks.ts";

/** Receives what the app writes to a response. */
export interface NodeResponseOwner {
  /** Whether a `write()` has returned false since the last "drain". */
  readonly awaitsDrain: boolean;
  /** The app has written an interim response. */
  onInterim(interim: InterimHead): void;
  /**
   * The head is known.
   *
   * @param headers without fields of the server
   * @param isChunked whether the app wants it chunked
   */
  onHead(
    status: number,
    reason: string,
    headers: HttpHeaders,
    isChunked: boolean,
  ): void;
  onChunk(chunk: Chunk, callback: WriteCallback | undefined): void;
  /** A `write()` or `flushHeaders()` is done. @returns whether there is room */
  onWritten(): boolean;
  /** An `end()` begins: its callback follows with the last chunk. */
  onEnding(): void;
  onEnded(): void;
  /** The listener has failed. */
  fail(error: unknown): void;
}

const OWNER = Symbol("owner");

interface Owned {
  [OWNER]: NodeResponseOwner;
  /** Omitted by Node's types. */
  getRawHeaderNames(): string[];
}

type NodeResponse = ServerResponse & Owned;
type WriteArguments = [
  chunk: unknown,
  encoding: BufferEncoding,
  callback?: () => void,
];

const { write: writeByNode, end: endByNode } = ServerResponse.prototype;
const flushByNode = ServerResponse.prototype.flushHeaders;

export function nodeResponse(
  message: IncomingMessage,
  owner: NodeResponseOwner,
): ServerResponse {
  const { socket } = message;
  const response = divertedResponse(message, socket, WRITES) as NodeResponse;
  response[OWNER] = owner;
  response.write = write as typeof response.write;
  response.end = end as typeof response.end;
  response.flushHeaders = flushHeaders;
  return response;
}

/** The listener that this response was given to has failed. */
export function failExchange(response: ServerResponse, error: unknown): void {
  (response as NodeResponse)[OWNER].fail(error);
}

/** The length of the content given to `end()`, or 0. */
export function endedLength(response: ServerResponse): number {
  return contentLengthOf(response);
}

/**
 * The fields given to `addTrailers()` so far, without those that a trailer must
 * not have.
 */
export function addedTrailers(response: ServerResponse): HttpHeaders {
  const all = HttpHeaders.fromCheckedLines(trailerLinesOf(response));
  const trailers = new HttpHeaders();
  all.forEachLine((name, value) => {
    if (mayBeTrailer(name)) trailers.append(name, value);
  });
  return trailers;
}

/** Emits "close" once, as Node's server does after "finish". */
export function closeResponse(response: ServerResponse): void {
  if (markClosed(response)) response.emit("close");
}

/**
 * Replaces `writableNeedDrain`, whose value only Node can set. Defined on the
 * object when it is first true: most responses never need it.
 */
export function showDrainNeeded(
  response: ServerResponse,
  owner: NodeResponseOwner,
): void {
  if (Object.hasOwn(response, "writableNeedDrain")) return;
  Object.defineProperty(response, "writableNeedDrain", {
    configurable: true,
    get(this: ServerResponse) {
      return !this.destroyed && !this.writableEnded && owner.awaitsDrain;
    },
  });
}

/** Whether `addTrailers()` has been called. */
export function hasTrailers(response: ServerResponse): boolean {
  return trailerLinesOf(response) !== "";
}

/** Called by Node in `writeHead()`, when the head is complete. */
function storeHeader(
  this: NodeResponse,
  statusLine: string,
  given: GivenHeaders,
): void {
  const { statusCode, statusMessage } = this;
  if (statusCode < 200) {
    throw new RangeError(
      `a final response's status is 200 or more, not ${statusCode}: interim ` +
        "responses have functions of their own, and upgrades go to onUpgrade",
    );
  }
  const headers = fieldsOf(this, given);
  const isChunked = isOnlyChunked(headers);
  if (isChunked) headers.delete("Transfer-Encoding");
  if (!keepsAlive(this)) headers.set("Connection", "close");
  const length = headers.get("Content-Length");
  storeHead(this, statusLine, length === undefined ? length : Number(length));
  this[OWNER].onHead(statusCode, statusMessage, headers, isChunked);
}

/** Called by Node with content, or with "" for the head alone. */
function send(
  this: NodeResponse,
  data: Chunk,
  encoding?: Encoding,
  callback?: WriteCallback | null,
): boolean {
  markHeadSent(this);
  const isText = typeof data === "string";
  const isUtf8 = !encoding || encoding === "utf8" || encoding === "utf-8";
  const isDone = !isText || isUtf8 || data === "";
  const chunk = isDone ? data : Buffer.from(data, encoding);
  this[OWNER].onChunk(chunk, callback ?? undefined);
  return true;
}

/** Called by Node for interim responses only. */
function writeRaw(
  this: NodeResponse,
  data: string,
  _encoding: Encoding,
  callback?: WriteCallback,
): boolean {
  this[OWNER].onInterim(parseInterimHead(data));
  if (callback) process.nextTick(callback);
  return true;
}

const WRITES = {
  head: storeHeader,
  content: send,
  interim: writeRaw,
} as unknown as ResponseWrites;

function write(this: NodeResponse, ...args: WriteArguments): boolean {
  const isTaken = writeByNode.call(this, ...args);
  // Before the head is complete nothing has been written.
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

/** The fields that were set, or those given to `writeHead()` if none were. */
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
