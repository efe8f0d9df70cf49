import { hostAndPort } from "../shared/host-and-port.ts";
import type { ListenAddress } from "./listen-address.ts";
import { StartError } from "./start-error.ts";

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "this machine does not have the address",
  ENOTFOUND: "the host name is unknown",
  ENOENT: "the folder does not exist",
  ENAMETOOLONG: "the path is too long for a socket",
};

/** An address that cannot be listened on, and why. */
export function toListenError(
  address: ListenAddress,
  error: NodeJS.ErrnoException,
): StartError {
  const where =
    "socketPath" in address ? address.socketPath : hostAndPort(address);
  const why = EXPLANATIONS[error.code ?? ""] ?? error.message;
  const code = error.code ? ` (${error.code})` : "";
  const message = `cannot listen on ${where}: ${why}${code}`;
  return new StartError({
    message,
    ...(error.stack && { stack: error.stack }),
  });
}
