/**
 * The connections whose PROXY header has not come yet. They are trusted
 * proxies' only, and closed without a word where the header is not as it must
 * be: who sends it is no client that an answer could tell anything.
 */
import type { Socket } from "node:net";
import type { AddressList } from "../../shared/addresses/address-list.ts";
import type { Clock } from "../../shared/clock.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  type DeadlineHolder,
  type DeadlineWheel,
  UNFILED,
} from "./deadline-wheel.ts";
import { peerAddress } from "./peer-address.ts";
import { setProxyHeader } from "./proxy-protocol/proxied-socket.ts";
import {
  ProxyHeaderError,
  type ProxyHeaderFault,
} from "./proxy-protocol/proxy-header-error.ts";
import { ProxyHeaderReader } from "./proxy-protocol/proxy-header-reader.ts";
import {
  type BytesCome,
  letSocketGo,
  ownSocket,
  type SocketOwner,
} from "./socket-owner.ts";

export type ProxyHeaderFailure =
  | "untrusted_peer"
  | "timeout"
  | "client_left"
  | ProxyHeaderFault;

export interface ProxyHeaderOptions {
  /** Proxies that may say who the client is. */
  readonly trusted: AddressList;
  /** Of version 2; a header of version 1 is shorter than any limit. */
  readonly maxHeaderBytes: number;
  readonly headerTimeoutMs: number;
  readonly onHeaderFailed: (reason: ProxyHeaderFailure, error: Error) => void;
}

interface ProxyHeadersParts {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly bytesCome: BytesCome;
  /**
   * Takes over the socket.
   *
   * @param rest the first bytes after the header, valid until it returns
   * @returns whether there is room for more
   */
  readonly onHeader: (socket: Socket, rest: Buffer) => boolean;
  /** Called when a connection is gone before its header was whole. */
  readonly onGone: () => void;
}

export class ProxyHeaders {
  readonly #options: ProxyHeaderOptions;
  readonly #parts: ProxyHeadersParts;
  readonly #pending = new Set<PendingHeader>();

  constructor(options: ProxyHeaderOptions, parts: ProxyHeadersParts) {
    this.#options = options;
    this.#parts = parts;
  }

  get count(): number {
    return this.#pending.size;
  }

  /** Whether its peer is to be listened to; if not, that has been counted. */
  admits(handle: RawHandle): boolean {
    const peer = peerAddress(handle);
    const { trusted, onHeaderFailed } = this.#options;
    if (peer !== undefined && trusted.has(peer)) return true;
    if (peer === undefined) onHeaderFailed("client_left", leftEarly());
    else {
      const error = new Error(`${peer} is not in trustProxy`);
      onHeaderFailed("untrusted_peer", error);
    }
    return false;
  }

  /** @param socket nothing has been read from it */
  begin(socket: Socket): void {
    const pending = new PendingHeader(socket, this.#options, {
      ...this.#parts,
      onHeader: (own, rest) => {
        this.#pending.delete(pending);
        return this.#parts.onHeader(own, rest);
      },
      onGone: () => {
        this.#pending.delete(pending);
        this.#parts.onGone();
      },
    });
    this.#pending.add(pending);
  }

  abortAll(): void {
    for (const pending of this.#pending) pending.abort();
  }
}

/**
 * awaited ──header──► ignoreErrors
 *    └──any failure, or abort──► closing ──► gone
 */
type State = "awaited" | "ignoreErrors" | "closing";

class PendingHeader implements SocketOwner, DeadlineHolder {
  readonly #socket: Socket;
  readonly #options: ProxyHeaderOptions;
  readonly #parts: ProxyHeadersParts;
  readonly #reader: ProxyHeaderReader;
  #state: State = "awaited";
  readonly deadlineAt: number;
  wheelTurn = UNFILED;

  constructor(
    socket: Socket,
    options: ProxyHeaderOptions,
    parts: ProxyHeadersParts,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#parts = parts;
    this.#reader = new ProxyHeaderReader(options.maxHeaderBytes);
    this.deadlineAt = parts.clock.now() + options.headerTimeoutMs;
    parts.wheel.file(this);
    ownSocket(socket, this, parts.bytesCome);
  }

  /** Nothing would be lost: nobody has asked for anything yet. */
  abort(): void {
    this.#state = "closing";
    this.#parts.wheel.remove(this);
    this.#socket.destroy();
  }

  onData(chunk: Buffer): boolean {
    const found = this.#state === "awaited" ? this.#read(chunk) : undefined;
    if (!found) return true;
    this.#state = "ignoreErrors";
    this.#parts.wheel.remove(this);
    letSocketGo(this.#socket);
    setProxyHeader(this.#socket, found.header);
    return this.#parts.onHeader(this.#socket, found.rest);
  }

  onDeadlinePassed(): void {
    const { headerTimeoutMs } = this.#options;
    const message = `the header was not whole in ${headerTimeoutMs} ms`;
    this.#fail("timeout", new Error(message));
  }

  onEnd(): void {
    this.#fail("client_left", leftEarly());
  }

  onError(error: Error): void {
    this.#fail("client_left", error);
  }

  onClose(): void {
    this.#fail("client_left", leftEarly());
    this.#parts.onGone();
  }

  // It sends nothing.
  onDrain(): void {}
  onFinish(): void {}

  #read(chunk: Buffer): ReturnType<ProxyHeaderReader["push"]> {
    try {
      return this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ProxyHeaderError)) throw error;
      this.#fail(error.fault, error);
      return undefined;
    }
  }

  #fail(reason: ProxyHeaderFailure, error: Error): void {
    if (this.#state !== "awaited") return;
    this.abort();
    this.#options.onHeaderFailed(reason, error);
  }
}

function leftEarly(): Error {
  return new Error("the connection ended before its header was whole");
}
