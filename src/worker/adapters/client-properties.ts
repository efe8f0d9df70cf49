/** Client properties as a `net.Socket` and a `tls.TLSSocket` have them. */
import type { Server } from "node:net";
import type { Duplex } from "node:stream";
import { UNIX } from "../../shared/addresses/address-list.ts";
import type { HttpRequest } from "../http/http-request.ts";

const NO_SERVER = { address: () => null };

/** Undefined on a Unix socket. */
export function remoteAddressOf(request: HttpRequest): string | undefined {
  const { remoteAddress } = request;
  return remoteAddress === UNIX ? undefined : remoteAddress;
}

/** As Node shows it: on a server of IPv6, IPv4 peers have its form. */
export function shownAddressOf(
  request: HttpRequest,
  server: Pick<Server, "address">,
): string | undefined {
  const address = remoteAddressOf(request);
  const isPeer = request.remoteAddress === request.peerAddress;
  if (!isPeer || familyOf(address) !== "IPv4") return address;
  const own = server.address();
  const isIpv6 = own instanceof Object && own.family === "IPv6";
  return isIpv6 ? `::ffff:${address}` : address;
}

export function encryptedOf({ protocol }: HttpRequest): true | undefined {
  return protocol === "https" ? true : undefined;
}

export function familyOf(
  remoteAddress: string | undefined,
): "IPv4" | "IPv6" | undefined {
  if (remoteAddress === undefined) return undefined;
  return remoteAddress.includes(":") ? "IPv6" : "IPv4";
}

/**
 * Makes a socket, perhaps of a proxy, show the client's properties.
 *
 * @param server that the request is given to
 */
export function setClientProperties(
  socket: Duplex,
  request: HttpRequest,
  server: Pick<Server, "address"> = NO_SERVER,
): void {
  const remoteAddress = shownAddressOf(request, server);
  const properties = {
    remoteAddress,
    remoteFamily: familyOf(remoteAddress),
    encrypted: encryptedOf(request),
  };
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(socket, name, { value, configurable: true });
  }
}
