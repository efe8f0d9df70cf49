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
import type { StickyField } from "../shared/config/sticky-field.ts";
import type { DescriptorReserve } from "../shared/descriptor-reserve.ts";
import { readTlsFiles } from "../shared/files/tls-files.ts";
import type { RawHandle } from "../shared/ipc-messages.ts";
import { closeHandle } from "../shared/node-internals/listening-handle.ts";
import type { Readiness } from "../shared/readiness.ts";
import { Origins } from "./http/forwarded/origins.ts";
import type { Handler } from "./http/handler.ts";
import type { SpanMaker } from "./http/span-maker.ts";
import type {
  ConnectionContext,
  ConnectionLimits,
} from "./http1/connection-context.ts";
import { Http1Connection } from "./http1/http1-connection.ts";
import type { ParserLimits } from "./http1/parser-limits.ts";
import { ParserPool } from "./http1/request-reader.ts";
import type { Meter } from "./meter.ts";
import { FairScheduler } from "./net/fair-scheduler.ts";
import {
  type ConnectionCount,
  type ConnectionDrop,
  Listener,
  type ListenerOptions,
} from "./net/listener.ts";
import type { ProxyHeaderOptions } from "./net/proxy-headers.ts";
import type { TlsOptions, TlsServerOptions } from "./net/tls-handshakes.ts";
import { readinessPage } from "./readiness-page.ts";
import { type ShedLoad, shedLoad } from "./shed-load.ts";
import type { StickySessions } from "./sticky/sticky-sessions.ts";
import type {
  ReadConnection,
  StrayConnection,
} from "./sticky/stray-connection.ts";
import { traced } from "./tracing/request-tracer.ts";

export interface WorkerListenersOptions {
  readonly settings: Settings;
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
  /** Without other workers there are no sticky sessions. */
  readonly sticky?: StickyOptions | undefined;
}

export interface StickyOptions {
  readonly sessions: StickySessions;
  /** Called when a connection may belong to another worker. */
  readonly onStray: (listener: number, connection: StrayConnection) => void;
}

/** The receiver of the requests of a listener. */
export interface Served {
  /** Must neither throw nor reject. */
  readonly handler: Handler;
  /** Longest body of a request; infinity if only the app limits it. */
  readonly maxBodyBytes: number;
  /** Does TLS with its own certificates, instead of those of the settings. */
  readonly tlsServer?: TlsServerOptions["server"] | undefined;
  readonly onRefused?: ConnectionContext["onRefused"];
  readonly accepts?: ParserLimits["accepts"];
  /** Set for servers of `node:http`: agents that hook into the server. */
  readonly agents?: SpanMaker | undefined;
  /** Instead of those of the settings. */
  readonly limits?: Partial<ConnectionLimits & ParserLimits> | undefined;
  /** Of its own connections, beside the limit of all. */
  readonly ownLimit?: ListenerOptions["ownLimit"];
  readonly onLingering?: ListenerOptions["onLingering"];
}

interface ListenerEntry {
  readonly settings: ListenerSettings;
  readonly listener: Listener;
}

export class WorkerListeners implements ConnectionCount {
  readonly #options: WorkerListenersOptions;
  readonly #shedLoad: ShedLoad;
  readonly #scheduler: FairScheduler;
  /** Listeners that accept clients, by the master's number. */
  readonly #entries = new Map<number, ListenerEntry>();
  /** All of these, and closed ones that still have connections. */
  #all: readonly Listener[] = [];
  /** Shared handles, by the same number, once clients may be accepted. */
  #handles: ReadonlyMap<number, RawHandle> | undefined;
  #ticketKeys: Buffer;
  #isShutDown = false;

  constructor(options: WorkerListenersOptions) {
    const { settings, clock, meter, ticketKeys } = options;
    const { maxConnections } = settings;
    this.#options = options;
    this.#scheduler = new FairScheduler(clock);
    this.#ticketKeys = ticketKeys;
    const isAuto = maxConnections === "auto";
    const shedding = {
      ...settings,
      maxConnections: isAuto ? options.reserve.maxConnections : maxConnections,
    };
    this.#shedLoad = shedLoad(shedding, {
      clock,
      onShed: (reason) => meter.count("requestsShed", reason),
    });
  }

  /** Adds the listeners of the settings. @throws TlsFilesError as `add()` */
  addConfigured(served: Served): void {
    const { settings } = this.#options;
    for (const [number, each] of listenersOf(settings).entries()) {
      this.add(number, each, served);
    }
  }

  /**
   * Adds a listener. On a shared handle, which `listen()` has, it accepts.
   *
   * @throws TlsFilesError if the files are no longer usable
   */
  add(number: number, settings: ListenerSettings, served: Served): Listener {
    const listener = this.#create(number, settings, served);
    const entry = { settings, listener };
    this.#entries.set(number, entry);
    this.#all = [...this.#all, listener];
    if (this.#handles) this.#accept(number, entry, this.#handles);
    if (this.#isShutDown) this.#shutDown(entry);
    return listener;
  }

  /** Accepts no more on one listener; its idle connections close at once. */
  close(number: number): void {
    const { listener } = this.#entries.get(number) ?? {};
    if (!listener) return;
    this.#entries.delete(number);
    listener.shutdown(0);
    const open = [...this.#entries.values()].map((entry) => entry.listener);
    this.#all = this.#all.filter((each) => {
      return each.count > 0 || open.includes(each);
    });
  }

  /** Open connections. */
  get count(): number {
    return sum(this.#all, ({ count }) => count);
  }

  get servedCount(): number {
    return sum(this.#all, ({ servedCount }) => servedCount);
  }

  /** Open connections without a request in flight. */
  get idleCount(): number {
    return sum(this.#all, ({ idleCount }) => idleCount);
  }

  /** Whether all open connections belong to the app, as after an upgrade. */
  get areAllHandedOver(): boolean {
    return this.#all.every((listener) => listener.areAllHandedOver);
  }

  /**
   * Accepts connections on bound handles that other processes share, also on
   * those of listeners that are added later.
   *
   * @param handles by listener number, kept up to date
   * @throws Error if one is missing or cannot listen
   */
  listen(handles: ReadonlyMap<number, RawHandle>): void {
    this.#handles = handles;
    for (const [number, entry] of this.#entries) {
      this.#accept(number, entry, handles);
    }
  }

  /** Takes over a connection that the master accepted. */
  adopt(number: number, handle: RawHandle): void {
    const { listener } = this.#entries.get(number) ?? {};
    if (listener) listener.adopt(handle);
    else closeHandle(handle); // the program has closed its server meanwhile
  }

  /** Goes on with a connection from which another worker has read. */
  resume(number: number, connection: ReadConnection): void {
    const { session, bytes } = connection;
    const { listener } = this.#entries.get(number) ?? {};
    this.#options.sticky?.sessions.serve(session);
    if (listener) listener.resume(connection, bytes);
    else closeHandle(connection.handle);
  }

  /** Takes effect for new TLS handshakes. */
  setTicketKeys(keys: Buffer): void {
    this.#ticketKeys = keys;
    for (const { settings, listener } of this.#entries.values()) {
      // Keys from a file are shared with other servers.
      const { ticketKeyFile } = settings.tls;
      if (ticketKeyFile === undefined) listener.setTicketKeys(keys);
    }
  }

  onEventLoopDelay(ms: number): void {
    this.#shedLoad.onEventLoopDelay(ms);
  }

  /** Stops accepting; open requests finish, idle connections linger. */
  shutdown(): void {
    this.#isShutDown = true;
    for (const entry of this.#entries.values()) this.#shutDown(entry);
  }

  /** Drops all connections; returns the number of those not idle. */
  abortAll(): number {
    return sum(this.#all, (listener) => listener.abortAll());
  }

  #accept(
    number: number,
    { settings, listener }: ListenerEntry,
    handles: ReadonlyMap<number, RawHandle>,
  ): void {
    if (settings.scheduling !== "shared") return;
    const handle = handles.get(number);
    if (!handle) throw new Error("a listening socket did not reach the worker");
    listener.listen(handle, settings.backlog);
  }

  #shutDown({ settings, listener }: ListenerEntry): void {
    const { drain } = this.#options.settings;
    const { loadBalancerIdleMs } = settings.forwarding;
    listener.shutdown(lingerMsOf(drain, loadBalancerIdleMs));
  }

  #create(
    number: number,
    { tls, timeouts, forwarding, sticky }: ListenerSettings,
    served: Served,
  ): Listener {
    const { maxBodyBytes, tlsServer, ownLimit } = served;
    const { onRefused, onLingering, accepts } = served;
    const { handler, handover } = this.#stickyParts(number, sticky, served);
    const { settings, clock, meter, readiness, reserve } = this.#options;
    const { onDropped, onCountChanged } = this.#options;
    const { serverName } = settings;
    const { readinessPath } = forwarding;
    const limits = { ...settings, maxBodyBytes, ...timeouts, ...served.limits };
    const { context, connectionLimit } = this.#shedLoad.around(
      {
        ...traced({ handler, observer: meter }, served.agents),
        ...{ limits, clock, readiness, onRefused, handover },
        parsers: new ParserPool({ ...limits, accepts }),
        origins: new Origins(forwarding),
        serverField: serverName ? `Server: ${serverName}\r\n` : "",
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
      ownLimit,
      tls: this.#tlsOptions(tls, tlsServer),
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
      onLingering,
    });
  }

  #stickyParts(
    number: number,
    field: StickyField | undefined,
    { handler, tlsServer }: Served,
  ): Pick<ConnectionContext, "handler" | "handover"> {
    const { sticky } = this.#options;
    if (!sticky || !field || tlsServer) return { handler };
    const { sessions, onStray } = sticky;
    return {
      handler: sessions.around(handler, field),
      handover: sessions.handover(field, (connection) => {
        onStray(number, connection);
      }),
    };
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

  #tlsOptions(
    settings: Settings["tls"],
    server: Served["tlsServer"],
  ): TlsOptions | TlsServerOptions | undefined {
    if (server) {
      const { handshakeTimeoutMs } = settings;
      const { onHandshakeFailed } = this.#options;
      const ticketKeys = this.#ticketKeys;
      return { server, handshakeTimeoutMs, ticketKeys, onHandshakeFailed };
    }
    const files = readTlsFiles(settings);
    if (!files) return undefined;
    const { ticketKey, ...material } = files;
    const { minVersion, handshakeTimeoutMs } = settings;
    const { onHandshakeFailed } = this.#options;
    return {
      ...material,
      ...{ minVersion, handshakeTimeoutMs },
      ...{ ticketKeys: ticketKey ?? this.#ticketKeys, onHandshakeFailed },
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
