/** Runs per request that came through a proxy. */
import type { AddressList } from "../../../shared/addresses/address-list.ts";
import type { HttpHeaders } from "../fields/http-headers.ts";
import type { Client, ClientReader, RequestProtocol } from "./client.ts";
import { elementsFromEnd, type ForwardedElement } from "./forwarded-element.ts";
import { parseHost, parseProtocol } from "./forwarded-values.ts";
import { ProxyChain } from "./proxy-chain.ts";
import { TextMemo } from "./text-memo.ts";

interface ForwardedClient {
  readonly remoteAddress: string | undefined;
  readonly protocol: RequestProtocol | undefined;
  readonly host: string | undefined;
}

/**
 * Reads the client from the field Forwarded (RFC 7239): each proxy adds an
 * element, and that of the outermost trusted proxy counts.
 */
export class Forwarded implements ClientReader {
  readonly #clients: TextMemo<ForwardedClient>;

  constructor(proxies: AddressList) {
    this.#clients = new TextMemo((field) => clientIn(field, proxies));
  }

  read(headers: HttpHeaders, peer: Client): Client {
    const field = headers.get("forwarded");
    if (field === undefined) return peer;
    const { remoteAddress, protocol, host } = this.#clients.meaningOf(field);
    return { remoteAddress, protocol: protocol ?? peer.protocol, host };
  }
}

function clientIn(field: string, proxies: AddressList): ForwardedClient {
  const chain = new ProxyChain(proxies);
  let outermost: ForwardedElement = {};
  for (const element of elementsFromEnd(field)) {
    outermost = element;
    if (!chain.follow(element.for ?? "unknown")) break;
  }
  const { proto = "", host = "" } = outermost;
  return {
    remoteAddress: chain.address,
    protocol: parseProtocol(proto),
    host: parseHost(host),
  };
}
