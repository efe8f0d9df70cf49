import net from "node:net";
import tls from "node:tls";

/** Listen address of a server, and the CA to trust if it uses TLS. */
export type ServerAddress = (
  | {
      readonly port: number;
      readonly host?: string;
      /** Local address of the client; the system chooses the default. */
      readonly localAddress?: string;
    }
  | { readonly socketPath: string }
) & { readonly tls?: tls.ConnectionOptions };

/** Opens a socket; ready at its `readyEvent`. */
export function connect(
  address: ServerAddress,
  { allowHalfOpen = false } = {},
): net.Socket {
  const options = { ...whereOf(address), allowHalfOpen, noDelay: true };
  if (address.tls === undefined) return net.connect(options);
  return tls.connect({
    // A server name must not be an address (RFC 6066 §3).
    servername: "localhost",
    ...address.tls,
    ...options,
  });
}

function whereOf(address: ServerAddress): net.NetConnectOpts {
  if (!("port" in address)) return { path: address.socketPath };
  const { host = "127.0.0.1", port, localAddress } = address;
  return { host, port, ...(localAddress !== undefined && { localAddress }) };
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
