/** Describes the settings of addresses, for errors about them. */

import { describeOrigin } from "../../shared/config/checks/describe-origin.ts";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import { settingList } from "../../shared/config/setting-list.ts";

/** Each part: the setting, the origin of its value, and its flag. */
export interface AddressSettings {
  readonly host: string;
  readonly port: string;
  readonly socketPath: string;
}

type Origins = LoadedSettings["origins"];
type Part = keyof AddressSettings;

/** With a list of listeners, the settings outside it do not apply. */
export function listenerSettings(
  { settings, origins }: Pick<LoadedSettings, "settings" | "origins">,
  index: number,
): AddressSettings {
  const entry = settings.listen[index];
  const origin = origins.get("listen") ?? "default";
  if (!entry) return addressSettings((part) => settingInWords(part, origins));
  return addressSettings((part) => {
    const isOwn = entry[part] !== undefined;
    return `listen[${index}].${part} (${describeOrigin(isOwn ? origin : "default")})`;
  });
}

/** The settings of the admin port or the agent-check port. */
export function masterPortSettings(
  group: "admin" | "agentCheck",
  origins: Origins,
): AddressSettings {
  return addressSettings((part) => {
    return settingInWords(`${group}.${part}`, origins);
  });
}

/** `port (from REMUDA_PORT), its flag --port` */
export function settingInWords(path: string, origins: Origins): string {
  const setting = settingList.find((each) => each.path === path);
  const origin = origins.get(path) ?? "default";
  const flag = setting && !setting.isFileOnly && `--${setting.flagName}`;
  const rest = flag && flag !== origin ? `, its flag ${flag}` : "";
  return `${path} (${describeOrigin(origin)})${rest}`;
}

function addressSettings(name: (part: Part) => string): AddressSettings {
  return {
    host: name("host"),
    port: name("port"),
    socketPath: name("socketPath"),
  };
}
