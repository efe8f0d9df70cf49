/** Client properties as a `net.Socket` and a `tls.TLSSocket` have them. */
import type { Duplex } from "node:stream";
import { UNIX } from "../../shared/addresses/address-list.ts";
import type { HttpRequest } from "../http/http-request.ts";

/** Undefined on a Unix socket. */
export function remoteAddressOf(request: HttpRequest): string | undefined {
  const { remoteAddress } = request;
  return remoteAddress === UNIX ? undefined : remoteAddress;
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

/** Makes a socket, perhaps of a proxy, show the client's properties. */
export function setClientProperties(
  socket: Duplex,
  request: HttpRequest,
): void {
  const remoteAddress = remoteAddressOf(request);
  const properties = {
    remoteAddress,
    remoteFamily: familyOf(remoteAddress),
    encrypted: encryptedOf(request),
  };
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(socket, name, { value, configurable: true });
  }
}
