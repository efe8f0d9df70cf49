/** Runs per request that came through a proxy. */
import type { HttpHeaders } from "../headers.ts";
import type { Client } from "./client.ts";
import { entryFromEnd, listFromEnd } from "./list-from-end.ts";
import { saidHost, saidProtocol } from "./said.ts";
import { type Trust, Walk } from "./trust.ts";

/**
 * The client, by the fields X-Forwarded-For, -Proto and -Host. There is no
 * standard: proxies append to the first one, and to the others some append,
 * and some replace them. So the entry counts that the outermost trusted proxy
 * has added, and where there are less the first.
 *
 * @param peer who is the client where nothing is said
 */
export function clientByXForwarded(
  headers: HttpHeaders,
  trust: Trust,
  peer: Client,
): Client {
  const field = (name: string) =>
    trust.fields.has(name) ? headers.get(name) : undefined;
  const addresses = field("x-forwarded-for");
  const walk = addresses === undefined ? undefined : walked(addresses, trust);
  const hops = walk?.hops ?? 1;
  const protocols = field("x-forwarded-proto");
  const hosts = field("x-forwarded-host");
  return {
    remoteAddress: walk ? walk.address : peer.remoteAddress,
    protocol:
      protocols === undefined
        ? peer.protocol
        : (saidProtocol(entryFromEnd(protocols, hops)) ?? peer.protocol),
    host: hosts === undefined ? undefined : saidHost(entryFromEnd(hosts, hops)),
  };
}

function walked(addresses: string, trust: Trust): Walk {
  const walk = new Walk(trust);
  for (const node of listFromEnd(addresses)) {
    if (!walk.goOn(node)) break;
  }
  return walk;
}
