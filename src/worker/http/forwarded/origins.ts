/** Runs per connection, and per request of a proxy whose address matters. */
import {
  type AddressList,
  addressList,
} from "../../../shared/addresses/address-list.ts";
import type { HttpHeaders } from "../headers.ts";
import type {
  Client,
  ClientReader,
  Origin,
  RequestProtocol,
} from "./client.ts";
import { Forwarded } from "./forwarded.ts";
import { XForwarded } from "./x-forwarded.ts";

export interface OriginsOptions {
  /** Addresses, networks, and "unix"; nobody else is believed. */
  readonly trustProxy: readonly string[];
  /** Those that the proxies write; all others are the client's own words. */
  readonly forwardedFields: readonly string[];
}

const NOBODY: OriginsOptions = { trustProxy: [], forwardedFields: [] };

/** Who connects to a listener, and whether it is taken at its word. */
export class Origins {
  readonly #proxies: AddressList;
  readonly #reader: ClientReader | undefined;
  /** All connections of one balancer share it, one after the other. */
  #last: Peer | undefined = undefined;

  /** @throws TypeError for what is no address */
  constructor({ trustProxy, forwardedFields }: OriginsOptions = NOBODY) {
    this.#proxies = addressList("trustProxy", trustProxy);
    const isWanted = trustProxy.length > 0 && forwardedFields.length > 0;
    if (isWanted) this.#reader = readerOf(forwardedFields, this.#proxies);
  }

  /** @param peerAddress as `plainAddress()` gives it, or "unix" */
  of(peerAddress: string | undefined, protocol: RequestProtocol): Origin {
    const last = this.#last;
    const isSame =
      last?.peerAddress === peerAddress && last?.protocol === protocol;
    if (isSame) return last as Peer;
    const isTrusted =
      peerAddress !== undefined && this.#proxies.has(peerAddress);
    const reader = isTrusted ? this.#reader : undefined;
    this.#last = new Peer(peerAddress, protocol, { isTrusted, reader });
    return this.#last;
  }
}

interface Trust {
  readonly isTrusted: boolean;
  /** Undefined where nothing that it says is read. */
  readonly reader: ClientReader | undefined;
}

/** Who has connected, and is the client where nobody else is believed to be. */
class Peer implements Origin, Client {
  readonly peerAddress: string | undefined;
  readonly protocol: RequestProtocol;
  readonly isTrusted: boolean;
  readonly #reader: ClientReader | undefined;

  constructor(
    peerAddress: string | undefined,
    protocol: RequestProtocol,
    { isTrusted, reader }: Trust,
  ) {
    this.peerAddress = peerAddress;
    this.protocol = protocol;
    this.isTrusted = isTrusted;
    this.#reader = reader;
  }

  get remoteAddress(): string | undefined {
    return this.peerAddress;
  }

  get host(): undefined {
    return undefined;
  }

  clientOf(request: { readonly headers: HttpHeaders }): Client {
    return this.#reader?.read(request.headers, this) ?? this;
  }
}

function readerOf(
  fieldNames: readonly string[],
  proxies: AddressList,
): ClientReader {
  const fields = new Set(fieldNames.map((name) => name.toLowerCase()));
  const isStandard = fields.has("forwarded");
  return isStandard ? new Forwarded(proxies) : new XForwarded(proxies, fields);
}
