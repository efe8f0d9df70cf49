import type { ListenAddress } from "../listen-address.ts";
import type { Settings } from "./settings.ts";

export type ListenEntry = Settings["listen"][number];

/** What each listener may have of its own, and is in `Settings` too. */
const TIME_OUTS = [
  "headTimeoutMs",
  "bodyTimeoutMs",
  "handlerTimeoutMs",
  "minBodyBytesPerSecond",
  "keepAliveTimeoutMs",
  "writeTimeoutMs",
  "lingeringCloseTimeoutMs",
] as const satisfies readonly (keyof ListenEntry & keyof Settings)[];

/** How long the parts of a connection's life may take. */
export type ListenerTimeouts = Pick<Settings, (typeof TIME_OUTS)[number]>;

const FORWARDING = [
  "trustProxy",
  "forwardedFields",
  "proxyProtocol",
  "maxProxyHeaderBytes",
  "proxyHeaderTimeoutMs",
  "loadBalancerIdleMs",
  "readinessPath",
] as const satisfies readonly (keyof ListenEntry & keyof Settings)[];

/** What is in front of a listener. */
export type ListenerForwarding = Pick<Settings, (typeof FORWARDING)[number]>;

/** A listener with all its settings. */
export interface ListenerSettings {
  readonly address: ListenAddress;
  readonly backlog: number;
  readonly scheduling: Settings["scheduling"];
  /** Without files, connections are plain. */
  readonly tls: Settings["tls"];
  readonly timeouts: ListenerTimeouts;
  readonly forwarding: ListenerForwarding;
}

/**
 * The listeners there should be: those of `listen`, with what they leave out
 * taken from outside the list, or else the one of `host`, `port`, `socketPath`.
 */
export function listenersOf(settings: Settings): readonly ListenerSettings[] {
  const { listen, host, port, socketPath } = settings;
  const entries = listen.length > 0 ? listen : [{ host, port, socketPath }];
  return entries.map((entry: ListenEntry) => ({
    address: addressOf(entry, settings),
    backlog: entry.backlog ?? settings.backlog,
    scheduling: entry.scheduling ?? settings.scheduling,
    tls: tlsOf(entry, settings),
    timeouts: ownOrOuter(TIME_OUTS, entry, settings),
    forwarding: ownOrOuter(FORWARDING, entry, settings),
  }));
}

function addressOf(entry: ListenEntry, settings: Settings): ListenAddress {
  const { host = settings.host, port = settings.port, socketPath } = entry;
  if (socketPath !== undefined) {
    const mode = entry.mode ?? settings.socketMode;
    return { socketPath, ...(mode !== undefined && { mode }) };
  }
  const ipv6Only = entry.ipv6Only ?? settings.ipv6Only;
  return { host, port, ...(ipv6Only && { ipv6Only }) };
}

function tlsOf({ tls }: ListenEntry, settings: Settings): Settings["tls"] {
  const { minVersion, handshakeTimeoutMs } = settings.tls;
  if (tls === false) return { minVersion, handshakeTimeoutMs };
  return { ...settings.tls, ...withoutUndefined(tls ?? {}) };
}

/** What the entry leaves out is as it is outside the list. */
function ownOrOuter<Name extends keyof ListenEntry & keyof Settings>(
  names: readonly Name[],
  entry: ListenEntry,
  settings: Settings,
): Pick<Settings, Name> {
  const values = names.map((name) => [name, entry[name] ?? settings[name]]);
  return Object.fromEntries(values) as Pick<Settings, Name>;
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(
    ([, each]) => each !== undefined,
  );
  return Object.fromEntries(entries) as Defined<T>;
}
