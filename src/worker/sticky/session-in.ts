/**
 * Which session a response begins: a field of that name in its head, or in the
 * JSON at the beginning of its content, as in the handshake of Socket.IO.
 *
 * Runs per response to a request without a session.
 */
import type { StickyField } from "../../shared/config/sticky-field.ts";
import { MAX_SESSION_CHARS } from "../../shared/recent-sessions.ts";
import type { HttpResponse, ResponseBody } from "../http/http-response.ts";

/** Bytes of the content that are looked at. */
const MAX_BYTES = 1_024;

export function sessionIn(
  { body, fields, status }: HttpResponse,
  { part, name }: StickyField,
): string | undefined {
  if (status < 200 || status > 299) return undefined;
  const session =
    part === "header" ? fields?.get(name) : valueIn(beginningOf(body), name);
  if (!session || session.length > MAX_SESSION_CHARS) return undefined;
  return session;
}

function beginningOf(body: ResponseBody): string {
  if (typeof body === "string") return body.slice(0, MAX_BYTES);
  if (!(body instanceof Uint8Array)) return "";
  const { buffer, byteOffset, length } = body;
  const bytes = Buffer.from(buffer, byteOffset, Math.min(length, MAX_BYTES));
  return bytes.toString("latin1");
}

/** The text after `"name":`; undefined if it is none, or has escapes. */
function valueIn(text: string, name: string): string | undefined {
  const key = `"${name}":`;
  const at = text.indexOf(key);
  if (at < 0) return undefined;
  const rest = text.slice(at + key.length).trimStart();
  const end = rest.indexOf('"', 1);
  if (!rest.startsWith('"') || end < 0) return undefined;
  const value = rest.slice(1, end);
  return value.includes("\\") ? undefined : value;
}
