/**
 * Encodes responses: RFC 9112 §4, §6 and §7.1. Runs per response: a head is one
 * string, and its parts are cached.
 */
import { UNKNOWN_LENGTH_CONTENT } from "../http/body/head-response-content.ts";
import type { HttpHeaders } from "../http/fields/http-headers.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { reasonPhrase } from "../http/http-status.ts";
import { type WireFields, wireFields } from "./wire-fields.ts";

/** How a response body is delimited; a number is its length in bytes. */
export type ResponseFraming = number | "chunked" | "close" | "none";

/** The Connection field; undefined if HTTP/1.1 implies it. */
export type ConnectionOption = "close" | "keep-alive" | undefined;

export const LAST_CHUNK = "0\r\n\r\n";

const statusLines: string[] = [];

export const CONTINUE = encodeInterim(100);

/** A constant, because the global `Buffer` is a getter. */
const { byteLength } = Buffer;

/**
 * The framing of a response to a request of this version and method.
 *
 * @throws TypeError where the body differs from the declared Content-Length
 */
export function responseFraming(
  response: HttpResponse,
  { isHttp10, isHead }: { isHttp10: boolean; isHead: boolean },
): ResponseFraming {
  const { status, body } = response;
  const { declaredLength } = wireFields(response.fields);
  // RFC 9110 §15.3.5, §15.4.5: no content; a 304 may have the length of a GET.
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
  // A response to HEAD may declare the length of a GET (RFC 9110 §8.6).
  if (body === null && isHead) return declaredLength;
  throw new TypeError(
    `a body of ${length} bytes was declared to have ${declaredLength}`,
  );
}

/** Whether a complete body is sent as a chunk, so that trailers can follow. */
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

/** Properties of a response that depend on its request. */
export interface ResponseForm {
  readonly framing: ResponseFraming;
  readonly option: ConnectionOption;
  /** Whether the request is a HEAD. */
  readonly isHead: boolean;
  /** In monotonic milliseconds. */
  readonly answeredAt: number;
}

/**
 * The head with its empty line. Responses of one helper share their fields, so
 * a head, or at least its opening lines, is often that of the response before.
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

/** An interim response: it has only a head (RFC 9110 §15.2). */
export function encodeInterim(status: number, fields?: HttpHeaders): string {
  const { lines } = wireFields(fields);
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${lines}\r\n`;
}

interface OpeningLines {
  readonly line: string;
  readonly date: string;
  readonly server: string;
}

/** Makes the opening lines, mostly because the Date has changed. */
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
 * V8 concatenates strings by reference and would copy the parts with each
 * write. Reading a character makes the string flat, once.
 */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

/** The fields of framing and connection, and the empty line. */
function closing(framing: ResponseFraming, option: ConnectionOption): string {
  let lines = "";
  if (typeof framing === "number") lines = `Content-Length: ${framing}\r\n`;
  else if (framing === "chunked") lines = "Transfer-Encoding: chunked\r\n";
  if (option) lines += `Connection: ${option}\r\n`;
  return `${lines}\r\n`;
}

/** The last chunk and the trailers after it (RFC 9112 §7.1.2). */
export function lastChunk(trailers: HttpHeaders): string {
  let lines = "";
  trailers.forEachLine((name, value) => {
    lines += `${name}: ${value}\r\n`;
  });
  return `0\r\n${lines}\r\n`;
}

/** The line before the data of a chunk; CRLF follows the data. */
export function chunkSize(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}

/** Bytes of a complete body; undefined for a stream. */
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

// --- the Date field: its line and when it is valid, in monotonic milliseconds

let dateLine = "";
let dateMadeAt = Number.POSITIVE_INFINITY;
let dateValidUntil = 0;

/**
 * The `Date` field line as IMF-fixdate (RFC 9110 §6.6.1). The wall clock is
 * read once a second, so a change of the clock shows up to a second later.
 *
 * @param now in monotonic milliseconds
 */
export function dateField(now: number): string {
  if (now >= dateValidUntil || now < dateMadeAt) renewDate(now);
  return dateLine;
}

function renewDate(now: number): void {
  const wallMs = Date.now();
  dateLine = `Date: ${new Date(wallMs).toUTCString()}\r\n`;
  dateMadeAt = now;
  dateValidUntil = now + 1000 - (wallMs % 1000);
}
