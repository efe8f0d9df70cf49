import {
  hostAndPort,
  type ListenAddress,
} from "../../shared/addresses/listen-address.ts";
import { StartError } from "../start-error.ts";
import type { AddressSettings } from "./address-settings.ts";

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "this machine does not have the address",
  ENOTFOUND: "the host name is unknown",
  ENOENT: "the folder does not exist",
  ENAMETOOLONG: "the path is too long for a socket",
};

/** Errors of the host; the others are of the port or the path. */
const HOST_ERRORS = ["EADDRNOTAVAIL", "ENOTFOUND"];

/**
 * An error that names the address, the reason and the setting to change.
 *
 * @param setBy settings of the address, where they are known
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
  });
}

function partOf(address: ListenAddress, code: string): keyof AddressSettings {
  if ("socketPath" in address) return "socketPath";
  return HOST_ERRORS.includes(code) ? "host" : "port";
}
