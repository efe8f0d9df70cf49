import net from "node:net";
import tls from "node:tls";

/** Where a server listens, and whom to trust if it speaks TLS. */
export type ServerAddress = (
  | { readonly port: number; readonly host?: string }
  | { readonly socketPath: string }
) & { readonly tls?: tls.ConnectionOptions };

/** Opens a socket; ready at its `readyEvent`. */
export function connect(
  address: ServerAddress,
  { allowHalfOpen = false } = {},
): net.Socket {
  const where =
    "port" in address
      ? { host: address.host ?? "127.0.0.1", port: address.port }
      : { path: address.socketPath };
  const options = { ...where, allowHalfOpen, noDelay: true };
  if (address.tls === undefined) return net.connect(options);
  return tls.connect({
    // An address is no server name (RFC 6066 §3).
    servername: "localhost",
    ...address.tls,
    ...options,
  });
}

export function readyEvent(
  address: ServerAddress,
): "connect" | "secureConnect" {
  return address.tls === undefined ? "connect" : "secureConnect";
}

/** The value of the Host field. */
export function authority(address: ServerAddress): string {
  if (!("port" in address)) return "localhost";
  const { host = "127.0.0.1", port } = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
