/** Runs per request that came through a proxy. */
import type { AddressList } from "../../../shared/addresses/address-list.ts";
import type { HttpHeaders } from "../headers.ts";
import type { Client, ClientReader, RequestProtocol } from "./client.ts";
import { elementsFromEnd, type ForwardedElement } from "./forwarded-element.ts";
import { saidHost, saidProtocol } from "./said.ts";
import { TextMemo } from "./text-memo.ts";
import { Walk } from "./walk.ts";

interface Told {
  readonly remoteAddress: string | undefined;
  readonly protocol: RequestProtocol | undefined;
  readonly host: string | undefined;
}

/**
 * The client, by the field Forwarded (RFC 7239): each proxy adds an element,
 * and that of the outermost trusted one counts.
 */
export class Forwarded implements ClientReader {
  readonly #told: TextMemo<Told>;

  constructor(proxies: AddressList) {
    this.#told = new TextMemo((field) => toldIn(field, proxies));
  }

  read(headers: HttpHeaders, peer: Client): Client {
    const field = headers.get("forwarded");
    if (field === undefined) return peer;
    const { remoteAddress, protocol, host } = this.#told.meaningOf(field);
    return { remoteAddress, protocol: protocol ?? peer.protocol, host };
  }
}

function toldIn(field: string, proxies: AddressList): Told {
  const walk = new Walk(proxies);
  let outermost: ForwardedElement = {};
  for (const element of elementsFromEnd(field)) {
    outermost = element;
    if (!walk.goOn(element.for ?? "unknown")) break;
  }
  const { proto = "", host = "" } = outermost;
  return {
    remoteAddress: walk.address,
    protocol: saidProtocol(proto),
    host: saidHost(host),
  };
}
