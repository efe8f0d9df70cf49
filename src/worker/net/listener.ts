/**
 * The connections of a worker: accepted by itself on a shared handle, or given
 * to it one by one. Raw handles are used as Node's own cluster uses them.
 */
import net from "node:net";
import type { Clock } from "../../shared/clock.ts";
import type { RawHandle } from "../../shared/ipc-messages.ts";
import { DeadlineWheel } from "./deadline-wheel.ts";
import type { ProtocolFactory } from "./protocol.ts";
import { SocketTransport, type TransportContext } from "./socket-transport.ts";

export interface ListenerOptions {
  readonly clock: Clock;
  readonly writeTimeoutMs: number;
  readonly lingeringCloseTimeoutMs: number;
  readonly protocol: ProtocolFactory;
  /** Called when a connection has come or gone. */
  readonly onCountChanged: () => void;
}

/** Enough for a chunk of the kernel's size in one go. */
const HIGH_WATER_MARK_BYTES = 65_536;

const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  readable: true,
  writable: true,
  highWaterMark: HIGH_WATER_MARK_BYTES,
};

export class Listener {
  readonly #protocol: ProtocolFactory;
  readonly #context: TransportContext;
  readonly #wheel: DeadlineWheel;
  readonly #transports = new Set<SocketTransport>();
  readonly #onCountChanged: () => void;
  #server: net.Server | undefined;
  #lingerMs: number | undefined;
  #acceptedTotal = 0;

  constructor(options: ListenerOptions) {
    const { clock, writeTimeoutMs, lingeringCloseTimeoutMs } = options;
    this.#protocol = options.protocol;
    this.#onCountChanged = options.onCountChanged;
    this.#wheel = new DeadlineWheel(clock);
    this.#context = {
      clock,
      wheel: this.#wheel,
      writeTimeoutMs,
      lingeringCloseTimeoutMs,
      onClosed: (transport) => this.#onClosed(transport),
    };
  }

  /** Open connections. */
  get count(): number {
    return this.#transports.size;
  }

  /** Open connections that have nothing in flight. */
  get idleCount(): number {
    let idle = 0;
    for (const transport of this.#transports) if (transport.isIdle) idle++;
    return idle;
  }

  get acceptedTotal(): number {
    return this.#acceptedTotal;
  }

  /** Accepts by itself on a bound handle that other processes share. */
  listen(handle: RawHandle, backlog: number): Promise<void> {
    const server = net.createServer({
      allowHalfOpen: true,
      noDelay: true,
      highWaterMark: HIGH_WATER_MARK_BYTES,
    });
    this.#server = server;
    server.on("connection", (socket) => this.#open(socket));
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(handle, backlog, resolve);
    });
  }

  /** Takes over a connection that another process accepted. */
  adopt(handle: RawHandle): void {
    const socket = new net.Socket({
      ...SOCKET_OPTIONS,
      handle,
    } as net.SocketConstructorOpts);
    socket.setNoDelay(true);
    this.#open(socket);
  }

  /** Accepts no more; what is open finishes, idle connections linger. */
  shutdown(lingerMs: number): void {
    this.#lingerMs = lingerMs;
    this.#server?.close();
    for (const { protocol } of this.#transports) protocol.onShutdown(lingerMs);
  }

  /** Drops all connections at once; returns how many were not idle. */
  abortAll(): number {
    const inFlight = this.count - this.idleCount;
    for (const transport of this.#transports) transport.abort();
    this.#wheel.stop();
    return inFlight;
  }

  #open(socket: net.Socket): void {
    const transport = new SocketTransport(
      socket,
      this.#context,
      this.#protocol,
    );
    this.#transports.add(transport);
    this.#acceptedTotal++;
    // One that was on its way when the shutdown began is served as well.
    if (this.#lingerMs !== undefined) {
      transport.protocol.onShutdown(this.#lingerMs);
    }
    this.#onCountChanged();
  }

  #onClosed(transport: SocketTransport): void {
    this.#transports.delete(transport);
    this.#onCountChanged();
  }
}
