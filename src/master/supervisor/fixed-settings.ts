import type { Settings } from "../../shared/config/settings.ts";
import { valueAt } from "../../shared/config/value-at.ts";
import { reloadableListeners } from "../sockets/reloadable-listeners.ts";

/** Settings of the listener, where there is no list of listeners. */
const OF_ONE_LISTENER: readonly string[] = [
  "host",
  "port",
  "ipv6Only",
  "socketPath",
  "socketMode",
  "backlog",
  "scheduling",
] satisfies readonly (keyof Settings)[];

/** Settings of files, sockets and the user, which the master opened or became. */
const FIXED: readonly string[] = [
  "logFile",
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
