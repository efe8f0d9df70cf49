import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { HttpRequest } from "./request.ts";

/** Of these Node keeps the first line; all others are joined. */
const KEPT_ONCE: ReadonlySet<string> = new Set([
  "authorization",
  "content-length",
  "content-type",
  "from",
  "host",
  "referer",
  "user-agent",
]);

/**
 * A request in the shape that packages made for `node:http` read, as `ws` does
 * in `handleUpgrade()`: `method`, `url`, `httpVersion`, `headers`,
 * `rawHeaders` and `socket`. It is no stream: the body is not in it.
 */
export function incomingMessage(
  request: HttpRequest,
  socket: Duplex,
): IncomingMessage {
  const { method, target, httpVersion } = request;
  const message = {
    method,
    url: target,
    httpVersion,
    httpVersionMajor: 1,
    httpVersionMinor: httpVersion === "1.0" ? 0 : 1,
    headers: plainHeaders(request),
    rawHeaders: rawHeaders(request),
    socket,
    connection: socket,
    complete: true,
  };
  return message as unknown as IncomingMessage;
}

/** By name in lower case; the object has no prototype: any name is safe. */
function plainHeaders({ headers }: HttpRequest) {
  const plain: Record<string, string | string[]> = Object.create(null);
  for (const [name] of headers) {
    if (name in plain) continue;
    const lines = headers.getAll(name);
    if (name === "set-cookie") plain[name] = lines;
    else if (KEPT_ONCE.has(name)) plain[name] = lines[0] as string;
    else plain[name] = headers.get(name) as string;
  }
  return plain;
}

function rawHeaders({ headers }: HttpRequest): string[] {
  const raw: string[] = [];
  headers.forEachLine((name, value) => {
    raw.push(name, value);
  });
  return raw;
}
