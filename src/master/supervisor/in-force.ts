import { listenerNames } from "../../shared/addresses/listen-address.ts";
import { listenersOf } from "../../shared/config/listeners-of.ts";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import type { InForce } from "../../shared/upgrade-messages.ts";

type Loaded = Pick<LoadedSettings, "settings" | "configFile">;

/** The settings that the loss of a config file would drop. */
export function inForce({ settings, configFile }: Loaded): InForce {
  return { configFile, app: settings.app, tls: tlsListeners({ settings }) };
}

/**
 * Why loaded settings must not replace those in force: they drop a setting
 * without saying so. An empty config file says so, and `tls: false` does for a
 * listener.
 *
 * @returns undefined where they may replace them
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

/** A listener with a new address cannot be matched: any TLS is enough then. */
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
