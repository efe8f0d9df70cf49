/**
 * What `req.socket` and `res.socket` are, one for each connection; where a proxy
 * sends the requests of many clients over one, a client's requests in a row
 * have one. Node's own messages drive it, and it tells whose turn it is what
 * they want.
 */
import { Duplex } from "node:stream";
import type { HttpRequest } from "../http/http-request.ts";
import type { Companion, RequestServer } from "../http/request-server.ts";
import { encryptedOf, familyOf, remoteAddressOf } from "./client-properties.ts";

/** The request that the connection is busy with. */
export interface NodeSocketOwner {
  /** Bytes of the response that the connection has not taken yet. */
  readonly queuedBytes: number;
  /** The app wants the connection gone. */
  onDestroyed(): void;
  /** The app sends nothing more. */
  onSocketEnded(): void;
  /** Nothing has come or gone for the time that the app has set. */
  onTimeout(): void;
  /** The next request has begun, so this one has been answered. */
  onNext(): void;
}

/**
 * The part of a `net.Socket` that a request listener may touch. It carries no
 * bytes: those of a body go past it, and to write to it is an error.
 */
export class NodeSocket extends Duplex implements Companion {
  readonly remoteAddress: string | undefined;
  /** As of a `tls.TLSSocket`. */
  readonly encrypted: true | undefined;
  /** In milliseconds; 0 for none. */
  timeout = 0;
  #connection: RequestServer | undefined;
  #owner: NodeSocketOwner | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  private constructor(request: HttpRequest) {
    super();
    this.#connection = request.connection;
    this.remoteAddress = remoteAddressOf(request);
    this.encrypted = encryptedOf(request);
  }

  /** That of the request's connection. */
  static of(request: HttpRequest): NodeSocket {
    const { companion } = request;
    const before = companion instanceof NodeSocket ? companion : undefined;
    if (before && !before.destroyed && before.#isOf(request)) return before;
    const socket = new NodeSocket(request);
    request.companion = socket;
    if (before) before.#leave();
    return socket;
  }

  #isOf(request: HttpRequest): boolean {
    return (
      this.remoteAddress === remoteAddressOf(request) &&
      this.encrypted === encryptedOf(request)
    );
  }

  /** The connection goes on with another client, its last answer is there. */
  #leave(): void {
    this.#owner?.onNext();
    this.#owner = undefined;
    this.#connection = undefined;
    this.destroy();
  }

  /** From now on it acts for that request. */
  begin(owner: NodeSocketOwner): void {
    this.#owner?.onNext();
    this.#owner = owner;
  }

  /** The request has its answer, and its body is over. */
  release(owner: NodeSocketOwner): void {
    if (this.#owner === owner) this.#owner = undefined;
  }

  onConnectionClosed(): void {
    this.destroy();
  }

  get remoteFamily(): "IPv4" | "IPv6" | undefined {
    return familyOf(this.remoteAddress);
  }

  /** Written bytes that the system has not taken yet. */
  get unsentBytes(): number {
    const queuedBytes = this.#owner?.queuedBytes ?? 0;
    return queuedBytes + (this.#connection?.unsentBytes ?? 0);
  }

  /** An `IncomingMessage` that is read resumes its socket: it has no bytes. */
  override resume(): this {
    return this;
  }

  override pause(): this {
    return this;
  }

  /** As of a `net.Socket`: silent for so long, it emits "timeout". */
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

  /** Something has come or gone. */
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
    return {};
  }

  destroySoon(): void {
    this.end();
  }

  /** At once: also of an answer that is whole the rest is lost. */
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
    // Node's server listens to its sockets, so that no app must.
    callback(this.listenerCount("error") > 0 ? error : null);
  }
}

/** A stream would count what has been written to itself. */
Object.defineProperty(NodeSocket.prototype, "writableLength", {
  configurable: true,
  get(this: NodeSocket): number {
    return this.unsentBytes;
  },
});

const NO_BYTES =
  "bytes cannot be written to the socket of a request: use the response, " +
  "or onUpgrade for other protocols";
