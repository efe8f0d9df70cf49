/**
 * Responses as bytes: RFC 9112 §4, §6 and §7.1. Runs per response: a head is
 * one text, joined from parts that are made once.
 */
import { UNKNOWN_LENGTH_CONTENT } from "../http/body/head-response-content.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { reasonPhrase } from "../http/http-status.ts";
import { type WireFields, wireFields } from "./wire-fields.ts";

/** How the end of a response's body is told; a number is its bytes. */
export type ResponseFraming = number | "chunked" | "close" | "none";

/** What the connection says of itself; `undefined` where 1.1 implies it. */
export type ConnectionOption = "close" | "keep-alive" | undefined;

export const LAST_CHUNK = "0\r\n\r\n";

const statusLines: string[] = [];

export const CONTINUE = encodeInterim(100);

/** Taken once: the global `Buffer` is a getter. */
const { byteLength } = Buffer;

/**
 * How `response` is framed in the answer to such a request.
 *
 * @throws TypeError where the body differs from the declared Content-Length
 */
export function responseFraming(
  response: HttpResponse,
  { isHttp10, isHead }: { isHttp10: boolean; isHead: boolean },
): ResponseFraming {
  const { status, body } = response;
  const { declaredLength } = wireFields(response.fields);
  // RFC 9110 §15.3.5, §15.4.5: no content; a 304 may tell a GET's length.
  if (status === 204) return "none";
  if (status === 304) return declaredLength ?? "none";
  const length = status === 205 ? 0 : bodyBytes(body); // §15.3.6
  if (length === undefined) {
    if (isHead && body === UNKNOWN_LENGTH_CONTENT)
      return declaredLength ?? "none";
    return declaredLength ?? (isHttp10 ? "close" : "chunked");
  }
  if (declaredLength === undefined) {
    return isInChunks(response, isHttp10) ? "chunked" : length;
  }
  if (declaredLength === length) return length;
  // The answer to a HEAD may declare what a GET would have (§8.6).
  if (body === null && isHead) return declaredLength;
  throw new TypeError(
    `a body of ${length} bytes was declared to have ${declaredLength}`,
  );
}

/** A body that is there as a whole goes in a chunk where trailers follow it. */
function isInChunks(
  { trailers, body, status }: HttpResponse,
  isHttp10: boolean,
): boolean {
  return trailers !== undefined && !isHttp10 && body !== null && status !== 205;
}

/** Whether the response has bytes after its head (RFC 9112 §6.3). */
export function hasContent(response: HttpResponse, isHead: boolean): boolean {
  if (isHead || response.body === null) return false;
  const { status } = response;
  return status !== 204 && status !== 205 && status !== 304;
}

/** How a response goes out. */
export interface ResponseForm {
  readonly framing: ResponseFraming;
  readonly option: ConnectionOption;
  /** Whether it answers a HEAD. */
  readonly isHead: boolean;
  /** In monotonic milliseconds. */
  readonly answeredAt: number;
}

/**
 * The head, with the empty line. Helpers share their fields, so within a second
 * it is often the one made last, and mostly begins as that one does.
 *
 * @param server a field line, or ""
 */
export function encodeHead(
  response: HttpResponse,
  form: ResponseForm,
  server: string,
): string {
  const { framing, option } = form;
  const fields = wireFields(response.fields);
  const line = statusLine(response);
  const date = fields.hasDate ? "" : dateField(form.answeredAt);
  const beginsAsLast =
    fields.headDate === date &&
    fields.headStatusLine === line &&
    fields.headServer === server;
  if (!beginsAsLast) open(fields, { line, date, server });
  const endsAsLast =
    fields.headFraming === framing && fields.headOption === option;
  if (endsAsLast && fields.head !== "") return flat(fields.head);
  return closed(fields, form);
}

/** The head of an interim response, which is all of it (RFC 9110 §15.2). */
export function encodeInterim(status: number, fields?: HttpHeaders): string {
  const { lines } = wireFields(fields);
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${lines}\r\n`;
}

interface OpeningLines {
  readonly line: string;
  readonly date: string;
  readonly server: string;
}

/** Begins a head anew: most often as a second has passed. */
function open(fields: WireFields, { line, date, server }: OpeningLines): void {
  fields.headDate = date;
  fields.headStatusLine = line;
  fields.headServer = server;
  const serverLine = fields.hasServer ? "" : server;
  fields.opening = flat(line + date + serverLine + fields.lines);
  fields.head = "";
}

function closed(fields: WireFields, { framing, option }: ResponseForm): string {
  fields.headFraming = framing;
  fields.headOption = option;
  fields.head = fields.opening + closing(framing, option);
  return fields.head;
}

/**
 * As one piece: V8 joins texts by reference, and copies piece by piece with
 * each write. To look into one makes it whole, and costs nothing after that.
 */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

/** What framing and connection say, and the empty line. */
function closing(framing: ResponseFraming, option: ConnectionOption): string {
  let lines = "";
  if (typeof framing === "number") lines = `Content-Length: ${framing}\r\n`;
  else if (framing === "chunked") lines = "Transfer-Encoding: chunked\r\n";
  if (option) lines += `Connection: ${option}\r\n`;
  return `${lines}\r\n`;
}

/** The last chunk, with the fields behind it (RFC 9112 §7.1.2). */
export function lastChunk(trailers: HttpHeaders): string {
  let lines = "";
  trailers.forEachLine((name, value) => {
    lines += `${name}: ${value}\r\n`;
  });
  return `0\r\n${lines}\r\n`;
}

/** The line before a chunk's data; CRLF follows the data. */
export function chunkSize(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}

/** Bytes of a body that is there as a whole. */
function bodyBytes(body: HttpResponse["body"]): number | undefined {
  if (body === null) return 0;
  if (typeof body === "string") return byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : undefined;
}

function statusLine({ status, reason }: HttpResponse): string {
  if (reason !== undefined) return `HTTP/1.1 ${status} ${reason}\r\n`;
  return statusLines[status] ?? usualStatusLine(status);
}

function usualStatusLine(status: number): string {
  const line = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
  statusLines[status] = line;
  return line;
}

/**
 * The Date line is made once a second, and the wall clock is read no more
 * often: after a change of the clock it is wrong for a second.
 */
let dateLine = "";
/** In monotonic milliseconds: from when to when the line is right. */
let dateMadeAt = Number.POSITIVE_INFINITY;
let dateRightUntil = 0;

/**
 * The `Date` field line for now, as IMF-fixdate (RFC 9110 §6.6.1).
 *
 * @param now in monotonic milliseconds
 */
export function dateField(now: number): string {
  if (now >= dateRightUntil || now < dateMadeAt) renewDate(now);
  return dateLine;
}

function renewDate(now: number): void {
  const wallMs = Date.now();
  dateLine = `Date: ${new Date(wallMs).toUTCString()}\r\n`;
  dateMadeAt = now;
  dateRightUntil = now + 1000 - (wallMs % 1000);
}
