/** Errors about addresses, with the settings to change. */
import {
  hostAndPort,
  type ListenAddress,
} from "../../shared/addresses/listen-address.ts";
import { describeOrigin } from "../../shared/config/checks/describe-origin.ts";
import type { LoadedSettings } from "../../shared/config/load-settings.ts";
import { settingList } from "../../shared/config/setting-list.ts";
import { StartError } from "../start-error.ts";

/** Each text has the setting, the origin of its value, and its flag. */
export interface AddressSettings {
  readonly host: string;
  readonly port: string;
  readonly socketPath: string;
}

type Origins = LoadedSettings["origins"];
type Part = keyof AddressSettings;

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "this machine does not have the address",
  ENOTFOUND: "the host name is unknown",
  ENOENT: "the folder does not exist",
  ENAMETOOLONG: "the path is too long for a socket",
};

/** Errors caused by the host; others are caused by the port or the path. */
const HOST_ERRORS = ["EADDRNOTAVAIL", "ENOTFOUND"];

/**
 * An error with the address, the reason and the setting to change.
 *
 * @param setBy settings of the address, if they are known
 */
export function toListenError(
  address: ListenAddress,
  error: NodeJS.ErrnoException,
  setBy?: AddressSettings,
): StartError {
  const where =
    "socketPath" in address ? address.socketPath : hostAndPort(address);
  const why = EXPLANATIONS[error.code ?? ""] ?? error.message;
  const code = error.code ? ` (${error.code})` : "";
  const setting = error.code && setBy?.[partOf(address, error.code)];
  const hint = setting ? `; the setting is ${setting}` : "";
  const message = `cannot listen on ${where}: ${why}${code}${hint}`;
  return new StartError({
    message,
    ...(error.stack && { stack: error.stack }),
    ...(error.code && { code: error.code }),
  });
}

function partOf(address: ListenAddress, code: string): keyof AddressSettings {
  if ("socketPath" in address) return "socketPath";
  return HOST_ERRORS.includes(code) ? "host" : "port";
}

// --- texts for the settings of an address

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
