import type { ListenAddress } from "../addresses/listen-address.ts";
import type { Settings } from "./settings.ts";
import { parseStickyField, type StickyField } from "./sticky-field.ts";

export type ListenEntry = Settings["listen"][number];

/** Settings that a listener may override. */
const TIME_OUTS = [
  "headTimeoutMs",
  "bodyTimeoutMs",
  "handlerTimeoutMs",
  "minBodyBytesPerSecond",
  "keepAliveTimeoutMs",
  "writeTimeoutMs",
  "lingeringCloseTimeoutMs",
] as const satisfies readonly (keyof ListenEntry & keyof Settings)[];

/** Time limits of a connection. */
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

/** The load balancer in front of a listener. */
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
  /** Undefined: any worker serves any request. */
  readonly sticky: StickyField | undefined;
}

/**
 * The configured listeners: those of `listen`, or else the one of `host`,
 * `port` and `socketPath`. Settings that an entry leaves out are those outside
 * the list.
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
    sticky: parseStickyField(entry.sticky ?? settings.sticky),
  }));
}

/** A listener with the settings outside the list, apart from its address. */
export function listenerWith(settings: Settings): ListenerSettings {
  const [listener] = listenersOf({ ...settings, listen: [] });
  return listener as ListenerSettings;
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

/** A setting that the entry leaves out is that outside the list. */
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
