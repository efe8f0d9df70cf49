import net from "node:net";
import tls from "node:tls";

/** Where a server listens, and whom to trust if it speaks TLS. */
export type ServerAddress = (
  | {
      readonly port: number;
      readonly host?: string;
      /** Of the client; default: what the system takes. */
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
    // An address is no server name (RFC 6066 §3).
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
