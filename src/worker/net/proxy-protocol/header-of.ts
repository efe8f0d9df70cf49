import type { Socket } from "node:net";
import type { ProxyHeader } from "./proxy-header.ts";

const HEADER = Symbol("PROXY header");
type ProxiedSocket = Socket & { [HEADER]?: ProxyHeader };

/** Keeps what a trusted proxy has said of who is behind a connection. */
export function setProxyHeader(wire: Socket, header: ProxyHeader): void {
  (wire as ProxiedSocket)[HEADER] = header;
}

/** Undefined where the connection did not begin with a header. */
export function proxyHeaderOf(wire: Socket): ProxyHeader | undefined {
  return (wire as ProxiedSocket)[HEADER];
}
