/** Runs per request that came through a proxy. */
import type { HttpHeaders } from "../headers.ts";
import type { Client } from "./client.ts";
import { elementsFromEnd, type ForwardedElement } from "./forwarded-element.ts";
import { saidHost, saidProtocol } from "./said.ts";
import { type Trust, Walk } from "./trust.ts";

/**
 * The client, by the field Forwarded (RFC 7239): each proxy adds an element,
 * and that of the outermost trusted one counts.
 *
 * @param peer who is the client where nothing is said
 */
export function clientByForwarded(
  headers: HttpHeaders,
  trust: Trust,
  peer: Client,
): Client {
  const field = headers.get("forwarded");
  if (field === undefined) return peer;
  const walk = new Walk(trust);
  let outermost: ForwardedElement = {};
  for (const element of elementsFromEnd(field)) {
    outermost = element;
    if (!walk.goOn(element.for ?? "unknown")) break;
  }
  const { proto = "", host = "" } = outermost;
  return {
    remoteAddress: walk.address,
    protocol: saidProtocol(proto) ?? peer.protocol,
    host: saidHost(host),
  };
}
