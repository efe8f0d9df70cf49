/** Runs per TLS connection. */
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

const PROPERTIES = [
  "alpnProtocol",
  "authorizationError",
  "authorized",
  "servername",
] as const satisfies readonly (keyof TLSSocket)[];

const METHODS = [
  "exportKeyingMaterial",
  "getCertificate",
  "getCipher",
  "getEphemeralKeyInfo",
  "getFinished",
  "getPeerCertificate",
  "getPeerFinished",
  "getPeerX509Certificate",
  "getProtocol",
  "getSession",
  "getSharedSigalgs",
  "getTLSTicket",
  "getX509Certificate",
  "isSessionReused",
] as const satisfies readonly (keyof TLSSocket)[];

/** Makes a stand-in for a TLS socket tell what the socket tells. */
export function showTlsFacts(standIn: Duplex, socket: Duplex): void {
  if (!isTls(socket)) return;
  for (const name of PROPERTIES) {
    const get = () => socket[name];
    Object.defineProperty(standIn, name, { get, configurable: true });
  }
  for (const name of METHODS) {
    const value = socket[name].bind(socket);
    const isOpen = { configurable: true, writable: true };
    Object.defineProperty(standIn, name, { value, ...isOpen });
  }
}

function isTls(socket: Duplex): socket is TLSSocket {
  return "getPeerCertificate" in socket;
}
