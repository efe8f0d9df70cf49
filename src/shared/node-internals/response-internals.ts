/**
 * A `ServerResponse` without a server: what it would write to a socket goes to
 * functions of ours, and it is ended as Node's server ends one.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents that its
 * server alone creates responses, and no place where their bytes could be
 * taken before they are an HTTP message.
 *
 * Runs per response: the functions are shared by all responses.
 */
import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";

export type Encoding = BufferEncoding | null;
type WriteCallback = (error?: Error | null) => void;

/** As `writeHead()` takes them. */
export type GivenHeaders =
  | OutgoingHttpHeaders
  | readonly OutgoingHttpHeader[]
  | readonly (readonly [string, OutgoingHttpHeader])[]
  | null
  | undefined;

/** Called with the response as `this`. */
export interface ResponseWrites {
  /** By `writeHead()`, also an implicit one; must call `storeHead()`. */
  readonly head: (statusLine: string, given: GivenHeaders) => void;
  /** For content, and with "" for the head alone; calls `markHeadSent()`. */
  readonly content: (
    data: string | Uint8Array,
    encoding?: Encoding,
    callback?: WriteCallback | null,
  ) => boolean;
  /** For whole interim responses alone. */
  readonly interim: (
    data: string,
    encoding: Encoding,
    callback?: WriteCallback,
  ) => boolean;
}

interface Inside {
  _header: string | null;
  _headerSent: boolean;
  _contentLength: number | null;
  _trailer: string;
  _hasBody: boolean;
  _closed: boolean;
  destroyed: boolean;
  chunkedEncoding: boolean;
  _storeHeader: ResponseWrites["head"];
  _send: ResponseWrites["content"];
  _writeRaw: ResponseWrites["interim"];
}

/** Set on the object: a framework may replace its prototype. */
export function divertedResponse(
  message: IncomingMessage,
  socket: Duplex,
  writes: ResponseWrites,
): ServerResponse {
  const response = new ServerResponse(message);
  const inside = insideOf(response);
  inside._storeHeader = writes.head;
  inside._send = writes.content;
  inside._writeRaw = writes.interim;
  response.shouldKeepAlive = true;
  response.assignSocket(socket as Parameters<typeof response.assignSocket>[0]);
  return response;
}

/** @param length of the content, where a field says so */
export function storeHead(
  response: ServerResponse,
  statusLine: string,
  length: number | undefined,
): void {
  const inside = insideOf(response);
  if (length !== undefined) inside._contentLength = length;
  inside._header = `${statusLine}\r\n`;
  inside._headerSent = false;
  inside.chunkedEncoding = false;
}

export function markHeadSent(response: ServerResponse): void {
  insideOf(response)._headerSent = true;
}

/** Whether the app wants the connection to go on after the response. */
export function keepsAlive(response: ServerResponse): boolean {
  return response.shouldKeepAlive;
}

/** The length by a field, or by the data of `end()`; 0 if neither is known. */
export function contentLengthOf(response: ServerResponse): number {
  return insideOf(response)._contentLength ?? 0;
}

/** Field lines of `addTrailers()` so far. */
export function trailerLinesOf(response: ServerResponse): string {
  return insideOf(response)._trailer;
}

/** False for an answer to HEAD, and for a status that has no content. */
export function mayHaveContent(response: ServerResponse): boolean {
  return insideOf(response)._hasBody;
}

export function detachFromSocket(response: ServerResponse): void {
  if (response.socket) response.detachSocket(response.socket);
}

/** @returns whether it was open until now: then "close" is to be emitted */
export function markClosed(response: ServerResponse): boolean {
  const inside = insideOf(response);
  if (inside._closed) return false;
  inside.destroyed = true;
  inside._closed = true;
  return true;
}

function insideOf(response: ServerResponse): Inside {
  return response as unknown as Inside;
}
