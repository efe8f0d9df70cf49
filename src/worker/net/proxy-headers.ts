/**
 * The connections whose PROXY header is still awaited. They come from trusted
 * proxies only. An invalid header closes the connection without a response,
 * because its sender does not speak HTTP yet.
 */
import type { Socket } from "node:net";
import type { AddressList } from "../../shared/addresses/address-list.ts";
import type { Clock } from "../../shared/clock.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  type TransitionTable,
  transition,
} from "../../shared/state-machine.ts";
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
  type DataDelivery,
  ownSocket,
  releaseSocket,
  type SocketOwner,
} from "./socket-owner.ts";

export type ProxyHeaderFailure =
  | "untrusted_peer"
  | "timeout"
  | "client_left"
  | ProxyHeaderFault;

export interface ProxyHeaderOptions {
  /** Proxies whose headers are accepted. */
  readonly trusted: AddressList;
  /** Limit for version 2; version 1 has a smaller limit of its own. */
  readonly maxHeaderBytes: number;
  readonly headerTimeoutMs: number;
  readonly onHeaderFailed: (reason: ProxyHeaderFailure, error: Error) => void;
}

interface ProxyHeadersParts {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly delivery: DataDelivery;
  /**
   * Takes over the socket.
   *
   * @param rest bytes after the header, valid until the call returns
   * @returns whether there is room for more
   */
  readonly onHeader: (socket: Socket, rest: Buffer) => boolean;
  /** Called when a connection has closed before its header was complete. */
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

  /** Whether the peer is a trusted proxy; reports the failure if not. */
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

  /** @param socket has not been read from */
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
 *   state   | the connection                  | event that ends it
 *   awaited | has not sent its whole header   | header, failure, abort()
 *   passed  | was passed on with its header   |
 *   closing | is being destroyed              |
 */
type State = "awaited" | "passed" | "closing";

const TRANSITIONS: TransitionTable<State> = {
  awaited: ["passed", "closing"],
  passed: [],
  closing: ["closing"],
};

class PendingHeader implements SocketOwner, DeadlineHolder {
  readonly #socket: Socket;
  readonly #options: ProxyHeaderOptions;
  readonly #parts: ProxyHeadersParts;
  readonly #reader: ProxyHeaderReader;
  #state: State = "awaited";
  readonly deadlineAt: number;
  wheelTick = UNFILED;

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
    ownSocket(socket, this, parts.delivery);
  }

  abort(): void {
    this.#move("closing");
    this.#parts.wheel.remove(this);
    this.#socket.destroy();
  }

  onData(chunk: Buffer): boolean {
    const found = this.#state === "awaited" ? this.#read(chunk) : undefined;
    if (!found) return true;
    this.#move("passed");
    this.#parts.wheel.remove(this);
    releaseSocket(this.#socket);
    setProxyHeader(this.#socket, found.header);
    return this.#parts.onHeader(this.#socket, found.rest);
  }

  onDeadlinePassed(): void {
    const { headerTimeoutMs } = this.#options;
    const message = `the header was not complete within ${headerTimeoutMs} ms`;
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

  // Nothing is sent before the header.
  onDrain(): void {}
  onFinish(): void {}

  #move(to: State): void {
    this.#state = transition(TRANSITIONS, this.#state, to);
  }

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
  return new Error("the connection ended before its header was complete");
}
