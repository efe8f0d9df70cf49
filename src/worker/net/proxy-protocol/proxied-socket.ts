import type { Socket } from "node:net";
import type { ProxyHeader } from "./proxy-header.ts";

const HEADER = Symbol("PROXY header");
type ProxiedSocket = Socket & { [HEADER]?: ProxyHeader };

/** Attaches the PROXY header that a trusted proxy sent to its connection. */
export function setProxyHeader(wire: Socket, header: ProxyHeader): void {
  (wire as ProxiedSocket)[HEADER] = header;
}

/** Undefined if the connection did not begin with a PROXY header. */
export function proxyHeaderOf(wire: Socket): ProxyHeader | undefined {
  return (wire as ProxiedSocket)[HEADER];
}
