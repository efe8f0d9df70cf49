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
import type { DetachedConnection, ProtocolFactory } from "./protocol.ts";
import { type ProxyHeaderOptions, ProxyHeaders } from "./proxy-headers.ts";
import { setProxyHeader } from "./proxy-protocol/proxied-socket.ts";
import type { ProxyHeader } from "./proxy-protocol/proxy-header.ts";
import {
  nextReadBuffer,
  onSocketRead,
  READ_BUFFER_BYTES,
} from "./socket-owner.ts";
import { SocketTransport, type TransportContext } from "./socket-transport.ts";
import { StaggeredClose } from "./staggered-close.ts";
import {
  TlsHandshakes,
  type TlsOptions,
  type TlsServerOptions,
} from "./tls-handshakes.ts";

/** Limit on connections: a few more get an error, others are dropped. */
export interface ConnectionLimit {
  readonly max: number;
  readonly maxSurplus: number;
  /** Serves the connections over the limit. */
  readonly protocol: ProtocolFactory;
  readonly onDropped: () => void;
}

/** The connections that the limit counts. */
export interface ConnectionCount {
  /** Open connections. */
  readonly count: number;
  /** Open connections that are not over the limit. */
  readonly servedCount: number;
}

export interface ListenerOptions {
  /** Without it, connections are plain. */
  readonly tls?: TlsOptions | TlsServerOptions | undefined;
  /** If set, each connection begins with a PROXY protocol header. */
  readonly proxyHeaders?: ProxyHeaderOptions | undefined;
  /** Counts the connections of all listeners. Default: only its own. */
  readonly connections?: ConnectionCount | undefined;
  /** Shared by all listeners of a worker. Default: one of its own. */
  readonly scheduler?: FairScheduler | undefined;
  /** Connections whose descriptor is one of these are closed at once. */
  readonly reserve?: DescriptorReserve | undefined;
  /** Default: no limit. */
  readonly limit?: ConnectionLimit | undefined;
  /** Limit on its own connections; more are closed at once. */
  readonly ownLimit?:
    | { readonly max: number; readonly onDropped: () => void }
    | undefined;
  readonly clock: Clock;
  readonly writeTimeoutMs: number;
  readonly lingeringCloseTimeoutMs: number;
  readonly protocol: ProtocolFactory;
  /** Called when the listener has accepted a connection itself. */
  readonly onAccept: () => void;
  /** Called when a connection was closed for lack of room. */
  readonly onDropped?: (reason: ConnectionDrop) => void;
  /** Called when a connection has opened or closed. */
  readonly onCountChanged: () => void;
  /** Called when a connection only waits for the client's FIN. */
  readonly onLingering?: (() => void) | undefined;
}

export type ConnectionDrop =
  /** Its descriptor is one of the reserve. */
  | "descriptors"
  /** There are too many connections even to respond with an error. */
  | "max_connections"
  /** The worker could not accept it, in "shared" scheduling. */
  | "accept_failed";

const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  readable: true,
  writable: true,
  highWaterMark: READ_BUFFER_BYTES,
};

/** Each chunk is processed before the next one is read. */
const PLAIN_OPTIONS = {
  ...SOCKET_OPTIONS,
  onread: { buffer: nextReadBuffer, callback: onSocketRead },
};

/**
 * The TLS socket reads from the handle, never the socket itself. A client that
 * half-closes cannot finish its handshake; afterwards it may half-close.
 */
const BENEATH_TLS_OPTIONS = {
  ...SOCKET_OPTIONS,
  allowHalfOpen: false,
  manualStart: true,
};

export class Listener implements ConnectionCount {
  readonly #connections: ConnectionCount;
  readonly #protocol: ProtocolFactory;
  readonly #context: TransportContext;
  readonly #wheel: DeadlineWheel;
  readonly #proxyHeaders: ProxyHeaders | undefined;
  readonly #handshakes: TlsHandshakes | undefined;
  readonly #transports = new Set<SocketTransport>();
  readonly #limit: ConnectionLimit | undefined;
  readonly #ownLimit: ListenerOptions["ownLimit"];
  /** Those that only wait for the client's FIN. */
  readonly #lingering = new Set<SocketTransport>();
  /** Transports over the limit. */
  readonly #surplus = new Set<SocketTransport>();
  readonly #reserve: DescriptorReserve | undefined;
  readonly #onAccept: () => void;
  readonly #onDropped: (reason: ConnectionDrop) => void;
  readonly #onCountChanged: () => void;
  readonly #tellLingering: () => void;
  readonly #handles: RawHandle[] = [];
  #lingerMs: number | undefined;
  #staggeredClose: StaggeredClose<SocketTransport> | undefined;

  constructor(options: ListenerOptions) {
    const { clock, writeTimeoutMs, lingeringCloseTimeoutMs } = options;
    this.#connections = options.connections ?? this;
    this.#protocol = options.protocol;
    this.#limit = options.limit;
    this.#ownLimit = options.ownLimit;
    this.#reserve = options.reserve;
    this.#onAccept = options.onAccept;
    this.#onDropped = options.onDropped ?? (() => {});
    this.#onCountChanged = options.onCountChanged;
    this.#tellLingering = options.onLingering ?? (() => {});
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
      onLingering: (transport) => this.#onLingering(transport),
      onClosed: (transport) => this.#onClosed(transport),
    };
  }

  /** Open connections. */
  get count(): number {
    return this.#transports.size + this.#pendingCount;
  }

  get servedCount(): number {
    return this.#transports.size - this.#surplus.size;
  }

  /** Open connections without a request in progress. */
  get idleCount(): number {
    let idle = this.#pendingCount;
    for (const transport of this.#transports) if (transport.isIdle) idle++;
    return idle;
  }

  /** Open connections, without those that only wait for the client's FIN. */
  get unfinishedCount(): number {
    return this.count - this.#lingering.size;
  }

  /** Whether all open connections belong to the app, as after an upgrade. */
  get areAllHandedOver(): boolean {
    if (this.#pendingCount > 0) return false;
    for (const transport of this.#transports) {
      if (!transport.isHandedOver) return false;
    }
    return true;
  }

  /** Connections that await a PROXY header or a TLS handshake. */
  get #pendingCount(): number {
    const headers = this.#proxyHeaders?.count ?? 0;
    return headers + (this.#handshakes?.count ?? 0);
  }

  /**
   * Accepts connections on a bound handle that other processes share.
   *
   * @throws the system's error if the handle cannot listen
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

  /** Takes over a connection that another process has accepted. */
  adopt(handle: RawHandle): void {
    if (this.#reserve?.has(handle)) this.#drop(handle, "descriptors");
    else if (this.#proxyHeaders?.admits(handle) === false) closeHandle(handle);
    else if (this.#isFull) {
      this.#limit?.onDropped();
      this.#drop(handle, "max_connections");
    } else if (this.#ownLimit && this.count >= this.#ownLimit.max) {
      this.#ownLimit.onDropped();
      this.#drop(handle, "max_connections");
    } else this.#begin(handle);
    this.#onCountChanged();
  }

  /**
   * Goes on with a connection from which another worker has read; not for TLS.
   *
   * @param bytes what it has read
   */
  resume({ handle, proxyHeader }: DetachedConnection, bytes: Buffer): void {
    if (this.#reserve?.has(handle)) {
      this.#drop(handle, "descriptors");
      return;
    }
    const socket = socketOf(handle, PLAIN_OPTIONS);
    socket.setNoDelay(true);
    if (proxyHeader) setProxyHeader(socket, proxyHeader as ProxyHeader);
    this.#serve(socket).receiveFirst(bytes);
    this.#onCountChanged();
  }

  /** Applies to TLS handshakes that begin from now on. */
  setTicketKeys(keys: Buffer): void {
    this.#handshakes?.setTicketKeys(keys);
  }

  /**
   * Accepts no more connections. Open ones finish their request, and linger
   * while idle, each from its own start of the shutdown.
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

  /** Closes connections without a request in progress. */
  closeIdle(): void {
    for (const transport of this.#transports) {
      if (transport.isIdle) transport.protocol.onShutdown(0);
    }
  }

  /** Drops all connections. @returns the number with a request in progress */
  abortAll(): number {
    const inFlight = this.count - this.idleCount;
    this.#staggeredClose?.stop();
    this.#proxyHeaders?.abortAll();
    this.#handshakes?.abortAll();
    for (const transport of this.#transports) transport.abort();
    this.#wheel.stop();
    return inFlight;
  }

  /** Whether there is no room even to respond with an error. */
  get #isFull(): boolean {
    const limit = this.#limit;
    if (!limit) return false;
    return this.#connections.count >= limit.max + limit.maxSurplus;
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
      delivery: tls ? "byEvents" : "pastBuffer",
      onHeader: (socket, rest) => this.#onHeader(socket, rest),
      onGone: this.#onCountChanged,
    });
  }

  #onHeader(socket: net.Socket, rest: Buffer): boolean {
    if (!this.#handshakes) {
      const transport = this.#serve(socket);
      return rest.length === 0 || transport.onData(rest);
    }
    // TLS reads the socket's buffer before it reads from the handle.
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    this.#secure(this.#handshakes, socket);
    return true;
  }

  #secure(handshakes: TlsHandshakes, socket: net.Socket): void {
    handshakes.begin(socket, this.#onCountChanged);
  }

  /** The protocol for a connection over the limit, if the next one is. */
  get #surplusProtocol(): ProtocolFactory | undefined {
    const limit = this.#limit;
    const isOver = limit && this.#connections.servedCount >= limit.max;
    return isOver ? limit.protocol : undefined;
  }

  #serve(socket: net.Socket): SocketTransport {
    const surplus = this.#surplusProtocol;
    const factory = surplus ?? this.#protocol;
    const transport = new SocketTransport(socket, this.#context, factory);
    this.#transports.add(transport);
    if (surplus) this.#surplus.add(transport);
    // It was accepted before the shutdown, so it is served as well.
    if (this.#lingerMs !== undefined) {
      transport.protocol.onShutdown(this.#lingerMs);
    }
    return transport;
  }

  #onLingering(transport: SocketTransport): void {
    this.#lingering.add(transport);
    this.#tellLingering();
  }

  #onClosed(transport: SocketTransport): void {
    this.#transports.delete(transport);
    this.#lingering.delete(transport);
    this.#surplus.delete(transport);
    this.#onCountChanged();
  }
}

function listenError(status: number): Error {
  const code = util.getSystemErrorName(status);
  return Object.assign(new Error(`cannot accept: ${code}`), { code });
}
