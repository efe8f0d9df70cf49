/**
 * Health, status and metrics over HTTP. `node:http` on purpose: a bug in the
 * server's own parser must not blind who looks after it.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface AdminAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type AdminRoutes = ReadonlyMap<
  string,
  () => AdminAnswer | Promise<AdminAnswer>
>;

const TEXT = "text/plain; charset=utf-8";
const CLOSE_GRACE_MS = 500;

export function textAnswer(status: number, text: string): AdminAnswer {
  return { status, contentType: TEXT, body: `${text}\n` };
}

export function jsonAnswer(status: number, value: unknown): AdminAnswer {
  const body = `${JSON.stringify(value, null, 2)}\n`;
  return { status, contentType: "application/json", body };
}

export class AdminServer {
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
  }

  /** @throws the system's error where the address cannot be had */
  static async open(
    { host, port }: { readonly host: string; readonly port: number },
    routes: AdminRoutes,
  ): Promise<AdminServer> {
    const server = http.createServer((request, response) => {
      answer(request, routes).then(
        (found) => send(request, response, found),
        (error) => send(request, response, textAnswer(500, String(error))),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, resolve);
    });
    return new AdminServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      const cut = setTimeout(() => {
        this.#server.closeAllConnections();
      }, CLOSE_GRACE_MS);
      this.#server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
  }
}

async function answer(
  { method, url = "/" }: http.IncomingMessage,
  routes: AdminRoutes,
): Promise<AdminAnswer> {
  const path = url.split("?", 1)[0] ?? "/";
  const route = routes.get(path);
  if (!route) {
    const known = [...routes.keys()].join(" ");
    return textAnswer(404, `not found; there is ${known}`);
  }
  if (method !== "GET" && method !== "HEAD") {
    return textAnswer(405, "only GET and HEAD");
  }
  return route();
}

function send(
  { method }: http.IncomingMessage,
  response: http.ServerResponse,
  { status, contentType, body }: AdminAnswer,
): void {
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    ...(status === 405 && { Allow: "GET, HEAD" }),
  });
  response.end(method === "HEAD" ? undefined : body);
}
