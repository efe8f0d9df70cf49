import { listenerNames } from "../../shared/addresses/listen-address.ts";
import { listenersOf } from "../../shared/config/listeners-of.ts";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import type { Settings } from "../../shared/config/settings.ts";
import { valueAt } from "../../shared/config/value-at.ts";
import type { InForce } from "../../shared/upgrade-messages.ts";
import { reloadableListeners } from "../sockets/reloadable-listeners.ts";

type Loaded = Pick<LoadedSettings, "settings" | "configFile">;

/** Settings that would be lost with the config file. */
export function inForce({ settings, configFile }: Loaded): InForce {
  return { configFile, app: settings.app, tls: tlsListeners({ settings }) };
}

/**
 * Reason why loaded settings must not replace those in force: they drop a
 * setting that was not removed explicitly. An empty config file is explicit,
 * and so is `tls: false` for a listener.
 *
 * @returns undefined if they may replace them
 */
export function silentLoss(
  before: InForce,
  loaded: LoadedSettings,
): string | undefined {
  const { configFile, hasEmptyConfig, settings, cwd } = loaded;
  if (hasEmptyConfig) return undefined;
  if (before.configFile !== undefined && configFile === undefined) {
    return (
      `config file "${before.configFile}" is gone, and there is no other in ` +
      `"${cwd}"; an empty one would say that there are no settings`
    );
  }
  if (before.app !== undefined && settings.app === undefined) {
    return `the settings name no app any more; it was "${before.app}"`;
  }
  const lost = lostTls(before.tls, loaded);
  if (lost === undefined) return undefined;
  return (
    `TLS of ${lost} would be off: no tls.certFile is given any more; ` +
    "tls: false in listen would say so"
  );
}

function tlsListeners({ settings }: Pick<Loaded, "settings">): string[] {
  const listeners = listenersOf(settings);
  const names = listenerNames(listeners);
  return names.filter((_, at) => listeners[at]?.tls.certFile !== undefined);
}

/**
 * A listener with a new address has no counterpart: any TLS listener suffices
 * then.
 */
function lostTls(
  before: readonly string[],
  { settings }: LoadedSettings,
): string | undefined {
  const names = listenerNames(listenersOf(settings));
  const after = tlsListeners({ settings });
  const isSaid = (name: string) => {
    return settings.listen[names.indexOf(name)]?.tls === false;
  };
  const isAnySaid = names.some(isSaid);
  return before.find((name) => {
    if (names.includes(name)) return !after.includes(name) && !isSaid(name);
    return after.length === 0 && !isAnySaid;
  });
}

/** Settings of the only listener, if there is no list of listeners. */
const OF_ONE_LISTENER: readonly string[] = [
  "host",
  "port",
  "ipv6Only",
  "socketPath",
  "socketMode",
  "backlog",
  "scheduling",
] satisfies readonly (keyof Settings)[];

/** Settings of files, sockets and the user, which are fixed at the start. */
const FIXED: readonly string[] = [
  "logFile",
  "logFormat",
  ...OF_ONE_LISTENER,
  "pidFile",
  "user",
  "group",
  "admin.host",
  "admin.port",
  "admin.socketPath",
  "admin.socketMode",
  "agentCheck.host",
  "agentCheck.port",
  "runtimeDir",
  "control.socketPath",
];

/**
 * Settings for a reload. Settings that a running master cannot change keep
 * their values, and are listed in `ignored`.
 */
export function reloadable(
  running: Settings,
  wanted: Settings,
): { readonly settings: Settings; readonly ignored: readonly string[] } {
  const listeners = reloadableListeners(running, wanted);
  const listen = [...listeners.listen];
  const settings: Settings = { ...structuredClone(wanted), listen };
  const ignored: string[] = [];
  for (const name of FIXED) {
    if (listen.length > 0 && OF_ONE_LISTENER.includes(name)) continue;
    const value = valueAt(running, name);
    if (isSame(value, valueAt(wanted, name))) continue;
    ignored.push(name);
    setValueAt(settings, name, value);
  }
  return { settings, ignored: [...ignored, ...listeners.ignored] };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function setValueAt(settings: object, name: string, value: unknown): void {
  const keys = name.split(".");
  const last = keys.pop() as string;
  let target = settings;
  for (const key of keys) target = Reflect.get(target, key) as object;
  Reflect.set(target, last, value);
}
