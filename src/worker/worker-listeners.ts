/**
 * All listeners of a worker. Each has its own time-outs and TLS settings.
 * Limits and counts apply to the connections of all.
 */
import { addressList } from "../shared/addresses/address-list.ts";
import type { Clock } from "../shared/clock.ts";
import { lingerMsOf } from "../shared/config/linger.ts";
import {
  type ListenerSettings,
  listenersOf,
} from "../shared/config/listeners-of.ts";
import type { Settings } from "../shared/config/settings.ts";
import type { DescriptorReserve } from "../shared/descriptor-reserve.ts";
import { readTlsFiles } from "../shared/files/tls-files.ts";
import type { RawHandle } from "../shared/ipc-messages.ts";
import type { Readiness } from "../shared/readiness.ts";
import { Origins } from "./http/forwarded/origins.ts";
import type { Handler } from "./http/handler.ts";
import type { ConnectionContext } from "./http1/connection-context.ts";
import { Http1Connection } from "./http1/http1-connection.ts";
import { ParserPool } from "./http1/request-reader.ts";
import type { Meter } from "./meter.ts";
import { FairScheduler } from "./net/fair-scheduler.ts";
import {
  type ConnectionCount,
  type ConnectionDrop,
  Listener,
} from "./net/listener.ts";
import type { ProxyHeaderOptions } from "./net/proxy-headers.ts";
import type { TlsOptions } from "./net/tls-handshakes.ts";
import { readinessPage } from "./readiness-page.ts";
import { type ShedLoad, shedLoad } from "./shed-load.ts";

export interface WorkerListenersOptions {
  readonly settings: Settings;
  readonly handler: Handler;
  /** Longest body of a request; infinity if only the app limits it. */
  readonly maxBodyBytes: number;
  readonly meter: Meter;
  readonly clock: Clock;
  /** Descriptors reserved for the app. */
  readonly reserve: DescriptorReserve;
  /** Readiness of the server; updated in place. */
  readonly readiness: Readiness;
  /** TLS ticket keys, shared by all workers. */
  readonly ticketKeys: Buffer;
  readonly onHandshakeFailed: TlsOptions["onHandshakeFailed"];
  readonly onProxyHeaderFailed: ProxyHeaderOptions["onHeaderFailed"];
  /** Called when a connection was closed because a limit is reached. */
  readonly onDropped: (reason: ConnectionDrop) => void;
  /** Called when a connection was opened or closed. */
  readonly onCountChanged: () => void;
}

/** The part of the context that all listeners share. */
type SharedContext = Omit<ConnectionContext, "origins">;

export class WorkerListeners implements ConnectionCount {
  readonly #options: WorkerListenersOptions;
  readonly #settings: readonly ListenerSettings[];
  readonly #shedLoad: ShedLoad;
  readonly #scheduler: FairScheduler;
  /** In the order of the settings, as the master numbers them. */
  readonly #listeners: readonly Listener[];

  /** @throws TlsFilesError if the files are no longer usable */
  constructor(options: WorkerListenersOptions) {
    const { settings, clock, handler, meter, readiness } = options;
    const { maxBodyBytes } = options;
    const { serverName } = settings;
    this.#options = options;
    this.#settings = listenersOf(settings);
    this.#scheduler = new FairScheduler(clock);
    const { maxConnections } = settings;
    const isAuto = maxConnections === "auto";
    const shedding = {
      ...settings,
      maxConnections: isAuto ? options.reserve.maxConnections : maxConnections,
    };
    this.#shedLoad = shedLoad(shedding, {
      clock,
      onShed: (reason) => meter.count("requestsShed", reason),
    });
    const limits = { ...settings, maxBodyBytes };
    const plain: SharedContext = {
      limits,
      parsers: new ParserPool(limits),
      clock,
      handler,
      observer: meter,
      readiness,
      serverField: serverName ? `Server: ${serverName}\r\n` : "",
    };
    this.#listeners = this.#settings.map((each) => this.#create(each, plain));
  }

  /** Open connections. */
  get count(): number {
    return sum(this.#listeners, ({ count }) => count);
  }

  get servedCount(): number {
    return sum(this.#listeners, ({ servedCount }) => servedCount);
  }

  /** Open connections without a request in flight. */
  get idleCount(): number {
    return sum(this.#listeners, ({ idleCount }) => idleCount);
  }

  /**
   * Accepts connections on bound handles that other processes share.
   *
   * @param handles by listener number
   * @throws Error if one is missing or cannot listen
   */
  listen(handles: ReadonlyMap<number, RawHandle>): void {
    for (const [place, { scheduling, backlog }] of this.#settings.entries()) {
      if (scheduling !== "shared") continue;
      const handle = handles.get(place);
      if (!handle)
        throw new Error("a listening socket did not reach the worker");
      this.#listeners[place]?.listen(handle, backlog);
    }
  }

  /** Takes over a connection that the master accepted. */
  adopt(place: number, handle: RawHandle): void {
    this.#listeners[place]?.adopt(handle);
  }

  /** Takes effect for new TLS handshakes. */
  setTicketKeys(keys: Buffer): void {
    for (const [place, listener] of this.#listeners.entries()) {
      const { ticketKeyFile } = this.#settings[place]?.tls ?? {};
      // Keys from a file are shared with other servers.
      if (ticketKeyFile === undefined) listener.setTicketKeys(keys);
    }
  }

  onEventLoopDelay(ms: number): void {
    this.#shedLoad.onEventLoopDelay(ms);
  }

  /** Stops accepting; open requests finish, idle connections linger. */
  shutdown(): void {
    const { drain } = this.#options.settings;
    for (const [place, { forwarding }] of this.#settings.entries()) {
      const lingerMs = lingerMsOf(drain, forwarding.loadBalancerIdleMs);
      this.#listeners[place]?.shutdown(lingerMs);
    }
  }

  /** Drops all connections; returns the number of those not idle. */
  abortAll(): number {
    return sum(this.#listeners, (listener) => listener.abortAll());
  }

  #create(
    { tls, timeouts, forwarding }: ListenerSettings,
    plain: SharedContext,
  ): Listener {
    const { clock, meter, readiness, reserve } = this.#options;
    const { onDropped, onCountChanged } = this.#options;
    const { readinessPath } = forwarding;
    const { context, connectionLimit } = this.#shedLoad.around(
      {
        ...plain,
        origins: new Origins(forwarding),
        limits: { ...plain.limits, ...timeouts },
      },
      readinessPath === undefined
        ? undefined
        : readinessPage(readinessPath, readiness),
    );
    return new Listener({
      clock,
      connections: this,
      scheduler: this.#scheduler,
      reserve,
      limit: connectionLimit,
      tls: this.#tlsOptions(tls),
      proxyHeaders: this.#proxyHeaderOptions(forwarding),
      writeTimeoutMs: timeouts.writeTimeoutMs,
      lingeringCloseTimeoutMs: timeouts.lingeringCloseTimeoutMs,
      protocol: (transport) => new Http1Connection(transport, context),
      onAccept: () => meter.add("acceptedConnections"),
      onDropped: (reason) => {
        meter.count("connectionsDropped", reason);
        onDropped(reason);
      },
      onCountChanged,
    });
  }

  #proxyHeaderOptions(
    forwarding: ListenerSettings["forwarding"],
  ): ProxyHeaderOptions | undefined {
    if (forwarding.proxyProtocol === "refused") return undefined;
    return {
      trusted: addressList("trustProxy", forwarding.trustProxy),
      maxHeaderBytes: forwarding.maxProxyHeaderBytes,
      headerTimeoutMs: forwarding.proxyHeaderTimeoutMs,
      onHeaderFailed: this.#options.onProxyHeaderFailed,
    };
  }

  #tlsOptions(settings: Settings["tls"]): TlsOptions | undefined {
    const files = readTlsFiles(settings);
    if (!files) return undefined;
    const { ticketKey, ...material } = files;
    const { minVersion, handshakeTimeoutMs } = settings;
    const { ticketKeys, onHandshakeFailed } = this.#options;
    return {
      ...material,
      ...{ minVersion, handshakeTimeoutMs },
      ...{ ticketKeys: ticketKey ?? ticketKeys, onHandshakeFailed },
    };
  }
}

function sum(
  listeners: readonly Listener[],
  numberOf: (listener: Listener) => number,
): number {
  let total = 0;
  for (const listener of listeners) total += numberOf(listener);
  return total;
}
