/**
 * The value of `req.socket` and `res.socket`, one per connection. If a proxy
 * sends requests of many clients over one connection, successive requests of
 * one client share it. Node's messages and the app call it, and it passes their
 * calls on to the current exchange.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { SocketShape } from "../../shared/node-internals/socket-shape.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { Companion, RequestServer } from "../http/request-server.ts";
import {
  encryptedOf,
  familyOf,
  remoteAddressOf,
  shownAddressOf,
} from "./client-properties.ts";
import { isTlsServer } from "./node-server.ts";
import { showTlsFacts } from "./tls-facts.ts";

/** The exchange that the connection is busy with. */
export interface NodeSocketOwner {
  /** Response bytes that the connection has not taken yet. */
  readonly queuedBytes: number;
  /** Whether the response has been sent. */
  readonly isSent: boolean;
  /** The app has destroyed the socket. */
  onDestroyed(): void;
  /** The app has ended the socket. */
  onSocketEnded(): void;
  /** Nothing was sent or received for the time that the app has set. */
  onTimeout(): void;
  /** The next request has begun: the response to this one was sent. */
  onNext(): void;
}

/**
 * The part of a `net.Socket` that a request listener may use. It carries no
 * data: bodies bypass it, and writing to it is an error.
 */
export class NodeSocket extends SocketShape implements Companion {
  readonly remoteAddress: string | undefined;
  /** As in a `tls.TLSSocket`. */
  readonly encrypted: true | undefined;
  /** The server that the current request was given to. */
  server: Server;
  readonly connecting = false;
  /** In milliseconds; 0 disables it. */
  timeout = 0;
  #connection: RequestServer | undefined;
  #owner: NodeSocketOwner | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** In plain form. */
  readonly #client: string | undefined;
  /** Undefined where the client is not the peer: its ports are not known. */
  readonly #socket: Socket | undefined;

  private constructor(request: HttpRequest, server: Server) {
    super();
    const isPeer = request.remoteAddress === request.peerAddress;
    const socket = isPeer ? request.connection?.clientSocket : undefined;
    this.#socket = socket as Socket | undefined;
    this.server = server;
    this.#connection = request.connection;
    this.#client = remoteAddressOf(request);
    this.remoteAddress = shownAddressOf(request, server);
    this.encrypted = encryptedOf(request);
    if (this.encrypted && socket) showTlsFacts(this, socket);
  }

  /** The socket of the request's connection. */
  static of(request: HttpRequest, server: Server): NodeSocket {
    const { companion } = request;
    const before = companion instanceof NodeSocket ? companion : undefined;
    if (before && !before.destroyed && before.#isOf(request)) {
      before.server = server;
      return before;
    }
    const socket = new NodeSocket(request, server);
    request.companion = socket;
    if (server.timeout > 0) socket.setTimeout(server.timeout);
    if (before) before.#leave();
    // A TLS server has been told of the socket beneath.
    if (server.listenerCount("connection") > 0 && !isTlsServer(server)) {
      server.emit("connection", socket);
    }
    return socket;
  }

  #isOf(request: HttpRequest): boolean {
    return (
      this.#client === remoteAddressOf(request) &&
      this.encrypted === encryptedOf(request)
    );
  }

  /** The connection serves another client now. */
  #leave(): void {
    this.#owner?.onNext();
    this.#owner = undefined;
    this.#connection = undefined;
    this.destroy();
  }

  /** Makes the exchange the current one. */
  begin(owner: NodeSocketOwner): void {
    this.#owner?.onNext();
    this.#owner = owner;
  }

  /** The response has been sent, and the body is over. */
  release(owner: NodeSocketOwner): void {
    if (this.#owner === owner) this.#owner = undefined;
  }

  onConnectionClosed(): void {
    this.destroy();
  }

  get remoteFamily(): "IPv4" | "IPv6" | undefined {
    return familyOf(this.remoteAddress);
  }

  get remotePort(): number | undefined {
    return this.#socket?.remotePort;
  }

  get localAddress(): string | undefined {
    return this.#socket?.localAddress;
  }

  get localPort(): number | undefined {
    return this.#socket?.localPort;
  }

  get localFamily(): string | undefined {
    return this.#socket?.localFamily;
  }

  /** Of all requests of the connection. */
  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  get bytesWritten(): number {
    const queuedBytes = this.#owner?.queuedBytes ?? 0;
    return (this.#socket?.bytesWritten ?? 0) + queuedBytes;
  }

  get pending(): boolean {
    return false;
  }

  /** Written bytes that the kernel has not taken yet. */
  get unsentBytes(): number {
    const queuedBytes = this.#owner?.queuedBytes ?? 0;
    return queuedBytes + (this.#connection?.unsentBytes ?? 0);
  }

  /** Called by an `IncomingMessage` that is read; has nothing to resume. */
  override resume(): this {
    return this;
  }

  override pause(): this {
    return this;
  }

  /** Always throws, as that of `node:http` does: RFC 9112 is about bytes. */
  override setEncoding(): never {
    const text = "the encoding of a socket of HTTP cannot be changed";
    throw Object.assign(new Error(text), { code: "ERR_HTTP_SOCKET_ENCODING" });
  }

  /** As in a `net.Socket`: emits "timeout" after inactivity. */
  setTimeout(timeoutMs: number, onTimeout?: () => void): this {
    this.timeout = timeoutMs;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (timeoutMs > 0 && !this.destroyed) {
      this.#timer = setTimeout(() => this.#owner?.onTimeout(), timeoutMs);
      this.#timer.unref();
      if (onTimeout) this.once("timeout", onTimeout);
    } else if (onTimeout) {
      this.off("timeout", onTimeout);
    }
    return this;
  }

  /** Data was sent or received. */
  touch(): void {
    this.#timer?.refresh();
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  address(): object {
    return this.#socket?.address() ?? {};
  }

  /** Unlike `end()`, no more of a body is read behind the response. */
  destroySoon(): void {
    this.end();
    if (this.#owner?.isSent) this.destroy();
  }

  /** At once: even the rest of a complete response is lost. */
  resetAndDestroy(): this {
    this.#connection?.reset();
    return this.destroy();
  }

  override _read(): void {}

  override _write(
    _chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    callback(new Error(NO_BYTES));
  }

  override _final(callback: () => void): void {
    if (this.#owner) this.#owner.onSocketEnded();
    else this.#connection?.closeSoon();
    callback();
  }

  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    clearTimeout(this.#timer);
    if (this.#owner) this.#owner.onDestroyed();
    else this.#connection?.closeSoon();
    // Node's server handles socket errors, so apps need no listener.
    callback(this.listenerCount("error") > 0 ? error : null);
  }
}

/** The inherited property counts bytes written to the stream itself. */
Object.defineProperty(NodeSocket.prototype, "writableLength", {
  configurable: true,
  get(this: NodeSocket): number {
    return this.unsentBytes;
  },
});

const NO_BYTES =
  "bytes cannot be written to the socket of a request: use the response, " +
  "or onUpgrade for other protocols";
