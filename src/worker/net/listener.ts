/**
 * The connections of a worker: accepted by itself on a shared handle, or given
 * to it one by one, as raw handles.
 */
import type net from "node:net";
import util from "node:util";
import type { Clock } from "../../shared/clock.ts";
import type { DescriptorReserve } from "../../shared/descriptor-reserve.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import {
  acceptOn,
  closeHandle,
} from "../../shared/node-internals/listening-handle.ts";
import { socketOf } from "../../shared/node-internals/socket-of-handle.ts";
import { DeadlineWheel } from "./deadline-wheel.ts";
import { FairScheduler } from "./fair-scheduler.ts";
import type { ProtocolFactory } from "./protocol.ts";
import { type ProxyHeaderOptions, ProxyHeaders } from "./proxy-headers.ts";
import { nextReadBuffer, READ_BUFFER_BYTES } from "./read-buffer.ts";
import { onSocketRead } from "./socket-owner.ts";
import { SocketTransport, type TransportContext } from "./socket-transport.ts";
import { StaggeredClose } from "./staggered-close.ts";
import { TlsHandshakes, type TlsOptions } from "./tls-handshakes.ts";

/** So many connections are served; a few more are told so, others dropped. */
export interface ConnectionLimit {
  readonly max: number;
  readonly maxSurplus: number;
  /** For those that are told. */
  readonly protocol: ProtocolFactory;
  readonly onDropped: () => void;
}

/** Those whom the limit of connections counts. */
export interface Crowd {
  /** Open connections. */
  readonly count: number;
  /** Of them, those that are served, and not told that they are too many. */
  readonly servedCount: number;
}

export interface ListenerOptions {
  /** Without it, connections are plain. */
  readonly tls?: TlsOptions | undefined;
  /** With it, each connection begins with a header of the PROXY protocol. */
  readonly proxyHeaders?: ProxyHeaderOptions | undefined;
  /** By default its own connections; else those of other listeners too. */
  readonly crowd?: Crowd | undefined;
  /** By default its connections share nothing with those of others. */
  readonly scheduler?: FairScheduler | undefined;
  /** Connections that would take one of these are closed at once. */
  readonly reserve?: DescriptorReserve | undefined;
  /** Without it, there may be any number of connections. */
  readonly limit?: ConnectionLimit | undefined;
  readonly clock: Clock;
  readonly writeTimeoutMs: number;
  readonly lingeringCloseTimeoutMs: number;
  readonly protocol: ProtocolFactory;
  /** Called when it has accepted a connection by itself. */
  readonly onAccept: () => void;
  /** Called when a connection was closed as there was no room for it. */
  readonly onDropped?: (reason: ConnectionDrop) => void;
  /** Called when a connection has come or gone. */
  readonly onCountChanged: () => void;
}

export type ConnectionDrop =
  /** Its descriptor was one of the reserve. */
  | "descriptors"
  /** There were more than the limit, and more than can be told so. */
  | "max_connections"
  /** By the worker itself, in "shared". */
  | "accept_failed";

const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  readable: true,
  writable: true,
  highWaterMark: READ_BUFFER_BYTES,
};

/** A chunk is dealt with before the next one is read. */
const PLAIN_OPTIONS = {
  ...SOCKET_OPTIONS,
  onread: { buffer: nextReadBuffer, callback: onSocketRead },
};

/**
 * It is TLS that reads from the handle, never the socket itself. A client that
 * sends no more cannot finish its handshake; after it, it may be half-open.
 */
const BENEATH_TLS_OPTIONS = {
  ...SOCKET_OPTIONS,
  allowHalfOpen: false,
  manualStart: true,
};

export class Listener implements Crowd {
  readonly #crowd: Crowd;
  readonly #protocol: ProtocolFactory;
  readonly #context: TransportContext;
  readonly #wheel: DeadlineWheel;
  readonly #proxyHeaders: ProxyHeaders | undefined;
  readonly #handshakes: TlsHandshakes | undefined;
  readonly #transports = new Set<SocketTransport>();
  readonly #limit: ConnectionLimit | undefined;
  /** Of the transports, those over the limit. */
  readonly #surplus = new Set<SocketTransport>();
  readonly #reserve: DescriptorReserve | undefined;
  readonly #onAccept: () => void;
  readonly #onDropped: (reason: ConnectionDrop) => void;
  readonly #onCountChanged: () => void;
  readonly #handles: RawHandle[] = [];
  #lingerMs: number | undefined;
  #staggeredClose: StaggeredClose<SocketTransport> | undefined;

  constructor(options: ListenerOptions) {
    const { clock, writeTimeoutMs, lingeringCloseTimeoutMs } = options;
    this.#crowd = options.crowd ?? this;
    this.#protocol = options.protocol;
    this.#limit = options.limit;
    this.#reserve = options.reserve;
    this.#onAccept = options.onAccept;
    this.#onDropped = options.onDropped ?? (() => {});
    this.#onCountChanged = options.onCountChanged;
    this.#wheel = new DeadlineWheel(clock);
    this.#proxyHeaders = this.#proxyHeadersOf(options);
    this.#handshakes =
      options.tls &&
      new TlsHandshakes(options.tls, (socket) => this.#serve(socket));
    this.#context = {
      clock,
      wheel: this.#wheel,
      scheduler: options.scheduler ?? new FairScheduler(clock),
      writeTimeoutMs,
      lingeringCloseTimeoutMs,
      onClosed: (transport) => this.#onClosed(transport),
    };
  }

  /** Open connections. */
  get count(): number {
    return this.#transports.size + this.#countBeginning;
  }

  get servedCount(): number {
    return this.#transports.size - this.#surplus.size;
  }

  /** Open connections that have nothing in flight. */
  get idleCount(): number {
    let idle = this.#countBeginning;
    for (const transport of this.#transports) if (transport.isIdle) idle++;
    return idle;
  }

  /** Those of whom no protocol knows yet. */
  get #countBeginning(): number {
    const headers = this.#proxyHeaders?.count ?? 0;
    return headers + (this.#handshakes?.count ?? 0);
  }

  /**
   * Accepts by itself on a bound handle that other processes share.
   *
   * @throws the system's error where the handle cannot listen
   */
  listen(handle: RawHandle, backlog: number): void {
    const status = acceptOn(handle, backlog, {
      onConnection: (client) => {
        this.#onAccept();
        this.adopt(client);
      },
      // The next try is the system's.
      onAcceptError: () => this.#onDropped("accept_failed"),
    });
    if (status !== 0) throw listenError(status);
    this.#handles.push(handle);
  }

  /** Takes over a connection that another process accepted. */
  adopt(handle: RawHandle): void {
    if (this.#reserve?.has(handle)) this.#drop(handle, "descriptors");
    else if (this.#proxyHeaders?.admits(handle) === false) closeHandle(handle);
    else if (this.#isFull) {
      this.#limit?.onDropped();
      this.#drop(handle, "max_connections");
    } else this.#begin(handle);
    this.#onCountChanged();
  }

  /** For TLS handshakes that begin from now on. */
  setTicketKeys(keys: Buffer): void {
    this.#handshakes?.setTicketKeys(keys);
  }

  /**
   * Accepts no more; what is open finishes, idle connections linger, each from
   * when it is told.
   */
  shutdown(lingerMs: number): void {
    this.#lingerMs = lingerMs;
    for (const handle of this.#handles.splice(0)) closeHandle(handle);
    this.#staggeredClose = new StaggeredClose([...this.#transports], {
      withinMs: lingerMs / 2,
      isOpen: (transport) => this.#transports.has(transport),
      close: ({ protocol }) => protocol.onShutdown(lingerMs),
    });
  }

  /** Drops all connections at once; returns how many were not idle. */
  abortAll(): number {
    const inFlight = this.count - this.idleCount;
    this.#staggeredClose?.stop();
    this.#proxyHeaders?.abortAll();
    this.#handshakes?.abortAll();
    for (const transport of this.#transports) transport.abort();
    this.#wheel.stop();
    return inFlight;
  }

  /** Whether there is no room even to say that there is none. */
  get #isFull(): boolean {
    const limit = this.#limit;
    if (!limit) return false;
    return this.#crowd.count >= limit.max + limit.maxSurplus;
  }

  #drop(handle: RawHandle, reason: ConnectionDrop): void {
    closeHandle(handle);
    this.#onDropped(reason);
  }

  #begin(handle: RawHandle): void {
    const options = this.#handshakes ? BENEATH_TLS_OPTIONS : PLAIN_OPTIONS;
    const socket = socketOf(handle, options);
    socket.setNoDelay(true);
    if (this.#proxyHeaders) this.#proxyHeaders.begin(socket);
    else if (this.#handshakes) this.#secure(this.#handshakes, socket);
    else this.#serve(socket);
  }

  #proxyHeadersOf({ clock, tls, proxyHeaders }: ListenerOptions) {
    if (!proxyHeaders) return undefined;
    return new ProxyHeaders(proxyHeaders, {
      clock,
      wheel: this.#wheel,
      bytesCome: tls ? "byEvents" : "pastBuffer",
      onHeader: (socket, rest) => this.#onHeader(socket, rest),
      onGone: this.#onCountChanged,
    });
  }

  #onHeader(socket: net.Socket, rest: Buffer): boolean {
    if (!this.#handshakes) {
      const transport = this.#serve(socket);
      return rest.length === 0 || transport.onData(rest);
    }
    // TLS takes what a socket has in its buffer before it reads on.
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    this.#secure(this.#handshakes, socket);
    return true;
  }

  #secure(handshakes: TlsHandshakes, socket: net.Socket): void {
    handshakes.begin(socket, this.#onCountChanged);
  }

  /** What serves a connection that is too many, if this would be one. */
  get #surplusProtocol(): ProtocolFactory | undefined {
    const limit = this.#limit;
    const isOver = limit && this.#crowd.servedCount >= limit.max;
    return isOver ? limit.protocol : undefined;
  }

  #serve(socket: net.Socket): SocketTransport {
    const surplus = this.#surplusProtocol;
    const factory = surplus ?? this.#protocol;
    const transport = new SocketTransport(socket, this.#context, factory);
    this.#transports.add(transport);
    if (surplus) this.#surplus.add(transport);
    // One that was on its way when the shutdown began is served as well.
    if (this.#lingerMs !== undefined) {
      transport.protocol.onShutdown(this.#lingerMs);
    }
    return transport;
  }

  #onClosed(transport: SocketTransport): void {
    this.#transports.delete(transport);
    this.#surplus.delete(transport);
    this.#onCountChanged();
  }
}

function listenError(status: number): Error {
  const code = util.getSystemErrorName(status);
  return Object.assign(new Error(`cannot accept: ${code}`), { code });
}
