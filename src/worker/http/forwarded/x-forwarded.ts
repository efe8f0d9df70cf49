/** Runs per request that came through a proxy. */
import type { AddressList } from "../../../shared/addresses/address-list.ts";
import type { HttpHeaders } from "../fields/http-headers.ts";
import { trimBlanks } from "../fields/trim-blanks.ts";
import type { Client, ClientReader } from "./client.ts";
import { parseHost, parseProtocol } from "./forwarded-values.ts";
import { ProxyChain } from "./proxy-chain.ts";
import { TextMemo } from "./text-memo.ts";

/**
 * Reads the client from X-Forwarded-For, -Proto and -Host. There is no
 * standard: proxies append to X-Forwarded-For, and either append to the other
 * two or replace them. So the entry of the outermost trusted proxy counts, or
 * the first entry if there are fewer.
 */
export class XForwarded implements ClientReader {
  readonly #chains: TextMemo<ProxyChain>;
  readonly #readsFor: boolean;
  readonly #readsProto: boolean;
  readonly #readsHost: boolean;

  /** @param fields names of the fields to read, in lower case */
  constructor(proxies: AddressList, fields: ReadonlySet<string>) {
    this.#chains = new TextMemo((addresses) => chainIn(addresses, proxies));
    this.#readsFor = fields.has("x-forwarded-for");
    this.#readsProto = fields.has("x-forwarded-proto");
    this.#readsHost = fields.has("x-forwarded-host");
  }

  read(headers: HttpHeaders, peer: Client): Client {
    const addresses = this.#readsFor && headers.get("x-forwarded-for");
    const protocols = this.#readsProto && headers.get("x-forwarded-proto");
    const hosts = this.#readsHost && headers.get("x-forwarded-host");
    const isAbsent = addresses === false || addresses === undefined;
    const chain = isAbsent ? undefined : this.#chains.meaningOf(addresses);
    const hops = chain?.hops ?? 1;
    const { remoteAddress, protocol } = peer;
    return {
      remoteAddress: chain ? chain.address : remoteAddress,
      protocol:
        (protocols && parseProtocol(entryFromEnd(protocols, hops))) || protocol,
      host: (hosts && parseHost(entryFromEnd(hosts, hops))) || undefined,
    };
  }
}

function chainIn(addresses: string, proxies: AddressList): ProxyChain {
  const chain = new ProxyChain(proxies);
  for (const node of entriesFromEnd(addresses)) {
    if (!chain.follow(node)) break;
  }
  return chain;
}

/** The nth entry from the end, counted from 1; the first if there are fewer. */
function entryFromEnd(list: string, position: number): string {
  let found = "";
  let at = 0;
  for (const entry of entriesFromEnd(list)) {
    found = entry;
    if (++at >= position) break;
  }
  return found;
}

/** The entries of a comma-separated list, last one first, with empty ones. */
function* entriesFromEnd(list: string): Generator<string, void, void> {
  let end = list.length;
  while (end >= 0) {
    const comma = end === 0 ? -1 : list.lastIndexOf(",", end - 1);
    yield trimBlanks(list, comma + 1, end);
    end = comma;
  }
}
