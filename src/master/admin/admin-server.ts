/**
 * Health, status, metrics and control over HTTP. Uses `node:http`, so that a
 * bug in Remuda's own parser does not hide the state of the server.
 */
import http from "node:http";
import type { AddressInfo, ListenOptions } from "node:net";
import type { ListenAddress } from "../../shared/addresses/listen-address.ts";
import { stopAccepting } from "../../shared/node-internals/stop-accepting.ts";
import { ListenSocket } from "../sockets/listen-socket.ts";

export interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
}

export interface AdminAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: http.OutgoingHttpHeaders;
}

/** An answer whose body is written in pieces until the promise resolves. */
export interface AdminStream extends Omit<AdminAnswer, "body"> {
  readonly body: (
    write: (piece: string | Uint8Array) => boolean,
    client: StreamClient,
  ) => Promise<void>;
}

/** The reader of an answer that is written in pieces. */
export interface StreamClient {
  /** Aborts when the connection has closed. */
  readonly signal: AbortSignal;
  /** Bytes that were written and not taken. */
  readonly unsentBytes: number;
  /** Calls back when the client has taken all, after `write` was false. */
  onDrain(listener: () => void): void;
}

type Answer = AdminAnswer | AdminStream;

/** Routes by path. */
export type AdminRoutes = ReadonlyMap<
  string,
  (request: AdminRequest) => AdminAnswer | Promise<AdminAnswer>
>;

export type AdminActions = ReadonlyMap<
  string,
  (request: AdminRequest) => Answer | Promise<Answer>
>;

/** Pages and actions of the server. */
export interface AdminPages {
  /** Routes for GET and HEAD. */
  readonly routes: AdminRoutes;
  /** Routes for POST. */
  readonly actions?: AdminActions;
  /** Returns the refusal of a request; undefined lets it through. */
  readonly guard?: (request: AdminRequest) => AdminAnswer | undefined;
}

const TEXT = "text/plain; charset=utf-8";
const CLOSE_GRACE_MS = 500;

export function textAnswer(status: number, text: string): AdminAnswer {
  return { status, contentType: TEXT, body: `${text}\n` };
}

export function jsonAnswer(status: number, value: unknown): AdminAnswer {
  const body = `${JSON.stringify(value, null, 2)}\n`;
  return { status, contentType: "application/json", body };
}

/** Requests are answered here, or forwarded to another master's address. */
type Destination = "here" | ListenAddress;

export class AdminServer {
  readonly #server: http.Server;
  #destination: Promise<Destination> = Promise.resolve("here");
  #resolve: (destination: Destination) => void = () => {};

  private constructor(pages: AdminPages) {
    this.#server = http.createServer((request, response) => {
      this.#destination.then((destination) => {
        if (destination !== "here") {
          return forward(request, response, destination);
        }
        return answer(requestOf(request), pages)
          .catch((error): Answer => textAnswer(500, String(error)))
          .then((found) => send(request, response, found));
      });
    });
  }

  /**
   * @param where an address, or a socket with an address
   * @param maxConnections connections over this limit are closed at once
   * @throws the system's error if the address is not available
   */
  static async open(
    where: Pick<ListenOptions, "host" | "port" | "path"> | ListenSocket,
    pages: AdminPages,
    maxConnections?: number,
  ): Promise<AdminServer> {
    const admin = new AdminServer(pages);
    if (maxConnections !== undefined) {
      admin.#server.maxConnections = maxConnections;
    }
    await new Promise<void>((resolve, reject) => {
      admin.#server.once("error", reject);
      admin.#server.once("listening", resolve);
      if (where instanceof ListenSocket) where.serve(admin.#server);
      else admin.#server.listen(where);
    });
    // A failure to accept one client must not end the master.
    admin.#server.on("error", () => {});
    return admin;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Holds all requests from now on. */
  hold(): void {
    this.#destination = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Answers held requests, and all later ones. */
  resume(): void {
    this.#resolve("here");
  }

  /**
   * Stops accepting, because another process listens on the same socket.
   * Requests on open connections are forwarded to it.
   */
  forwardTo(where: ListenAddress): void {
    // `close()` would cut off clients that have not sent a request yet.
    stopAccepting(this.#server);
    this.#resolve(where);
    this.#destination = Promise.resolve(where);
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

function forward(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  where: ListenAddress,
): void {
  const { method, url: path, headers } = request;
  const options = { ...where, method, path, headers, agent: false };
  const outgoing = http.request(options, (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.headers);
    incoming.pipe(response);
  });
  outgoing.on("error", () => response.destroy());
  request.pipe(outgoing);
}

function requestOf(request: http.IncomingMessage): AdminRequest {
  const { method = "", url = "/", headers } = request;
  const [path = "/", query] = url.split("?", 2);
  return { method, path, query: new URLSearchParams(query), headers };
}

async function answer(
  request: AdminRequest,
  { routes, actions, guard }: AdminPages,
): Promise<Answer> {
  const { method, path } = request;
  const action = actions?.get(path);
  const answerer = action ?? routes.get(path);
  if (!answerer) {
    const known = [...routes.keys(), ...(actions?.keys() ?? [])].join(" ");
    return textAnswer(404, `not found; there is ${known}`);
  }
  const methods = action ? ["POST"] : ["GET", "HEAD"];
  if (!methods.includes(method)) {
    const only = textAnswer(405, `only ${methods.join(" and ")}`);
    return { ...only, headers: { Allow: methods.join(", ") } };
  }
  return guard?.(request) ?? answerer(request);
}

async function send(
  { method }: http.IncomingMessage,
  response: http.ServerResponse,
  { status, contentType, body, headers }: Answer,
): Promise<void> {
  // The action continues if the client has disconnected.
  response.on("error", () => {});
  response.writeHead(status, {
    "Content-Type": contentType,
    ...(typeof body === "string" && {
      "Content-Length": Buffer.byteLength(body),
    }),
    "Cache-Control": "no-store",
    // Another master may answer the next request.
    Connection: "close",
    ...headers,
  });
  if (method === "HEAD") response.end();
  else if (typeof body === "string") response.end(body);
  else {
    response.flushHeaders(); // the first piece may take long
    await body((piece) => response.write(piece), clientOf(response)).catch(
      () => {},
    );
    response.end();
  }
}

function clientOf(response: http.ServerResponse): StreamClient {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  return {
    signal: gone.signal,
    get unsentBytes() {
      return response.writableLength;
    },
    onDrain: (listener) => {
      response.on("drain", listener);
    },
  };
}
