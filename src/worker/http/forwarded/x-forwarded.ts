/** Runs per request that came through a proxy. */
import type { AddressList } from "../../../shared/addresses/address-list.ts";
import type { HttpHeaders } from "../headers.ts";
import type { Client, ClientReader } from "./client.ts";
import { entryFromEnd, listFromEnd } from "./list-from-end.ts";
import { saidHost, saidProtocol } from "./said.ts";
import { TextMemo } from "./text-memo.ts";
import { Walk } from "./walk.ts";

/**
 * The client, by the fields X-Forwarded-For, -Proto and -Host. There is no
 * standard: proxies append to the first one, and to the others some append,
 * and some replace them. So the entry counts that the outermost trusted proxy
 * has added, and where there are less the first.
 */
export class XForwarded implements ClientReader {
  readonly #walks: TextMemo<Walk>;
  readonly #readsFor: boolean;
  readonly #readsProto: boolean;
  readonly #readsHost: boolean;

  /** @param fields that are read, in lower case */
  constructor(proxies: AddressList, fields: ReadonlySet<string>) {
    this.#walks = new TextMemo((addresses) => walked(addresses, proxies));
    this.#readsFor = fields.has("x-forwarded-for");
    this.#readsProto = fields.has("x-forwarded-proto");
    this.#readsHost = fields.has("x-forwarded-host");
  }

  read(headers: HttpHeaders, peer: Client): Client {
    const addresses = this.#readsFor && headers.get("x-forwarded-for");
    const protocols = this.#readsProto && headers.get("x-forwarded-proto");
    const hosts = this.#readsHost && headers.get("x-forwarded-host");
    const isSilent = addresses === false || addresses === undefined;
    const walk = isSilent ? undefined : this.#walks.meaningOf(addresses);
    const hops = walk?.hops ?? 1;
    const { remoteAddress, protocol } = peer;
    return {
      remoteAddress: walk ? walk.address : remoteAddress,
      protocol:
        (protocols && saidProtocol(entryFromEnd(protocols, hops))) || protocol,
      host: (hosts && saidHost(entryFromEnd(hosts, hops))) || undefined,
    };
  }
}

function walked(addresses: string, proxies: AddressList): Walk {
  const walk = new Walk(proxies);
  for (const node of listFromEnd(addresses)) {
    if (!walk.goOn(node)) break;
  }
  return walk;
}
