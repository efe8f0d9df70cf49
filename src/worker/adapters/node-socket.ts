/**
 * What `req.socket` and `res.socket` are, one for each connection; where a proxy
 * sends the requests of many clients over one, a client's requests in a row
 * have one. Node's own messages drive it, and it tells whose turn it is what
 * they want.
 */
import { Duplex } from "node:stream";
import type { Companion, HttpRequest } from "../http/request.ts";
import { encryptedOf, familyOf, remoteAddressOf } from "./socket-client.ts";

/** The request that the connection is busy with. */
export interface NodeSocketOwner {
  /** The request's stream wants bytes of the body. */
  onWanted(): void;
  /** The app wants the connection gone. */
  onDestroyed(): void;
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
  #owner: NodeSocketOwner | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  private constructor(request: HttpRequest) {
    super();
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
    this.destroy();
  }

  /** From now on it acts for that request. */
  begin(owner: NodeSocketOwner): void {
    this.#owner?.onNext();
    this.#owner = owner;
  }

  /** The request has its answer. */
  release(owner: NodeSocketOwner): void {
    if (this.#owner === owner) this.#owner = undefined;
  }

  onConnectionClosed(): void {
    this.destroy();
  }

  get remoteFamily(): "IPv4" | "IPv6" | undefined {
    return familyOf(this.remoteAddress);
  }

  /** An `IncomingMessage` that is read resumes its socket. */
  override resume(): this {
    this.#owner?.onWanted();
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
    this.destroy();
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
    callback();
    this.destroy();
  }

  override _destroy(
    _error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    clearTimeout(this.#timer);
    this.#owner?.onDestroyed();
    // No "error" event: nobody may be there to hear it.
    callback();
  }
}

const NO_BYTES =
  "bytes cannot be written to the socket of a request: use the response, " +
  "or onUpgrade for other protocols";
