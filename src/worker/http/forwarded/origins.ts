/** Runs per connection, and per request of a proxy whose address matters. */
import {
  type AddressList,
  addressList,
} from "../../../shared/addresses/address-list.ts";
import type { HttpHeaders } from "../fields/http-headers.ts";
import type {
  Client,
  ClientReader,
  Origin,
  RequestProtocol,
} from "./client.ts";
import { Forwarded } from "./forwarded.ts";
import { XForwarded } from "./x-forwarded.ts";

export interface OriginsOptions {
  /** Addresses, networks and "unix" of the trusted proxies. */
  readonly trustProxy: readonly string[];
  /** Fields that the proxies write; others may be forged by the client. */
  readonly forwardedFields: readonly string[];
}

const NO_PROXIES: OriginsOptions = { trustProxy: [], forwardedFields: [] };

/** Finds the origin of each connection of a listener. */
export class Origins {
  readonly #proxies: AddressList;
  readonly #reader: ClientReader | undefined;
  /** Successive connections of one balancer share an origin. */
  #last: Peer | undefined = undefined;

  /** @throws TypeError for an invalid address */
  constructor({ trustProxy, forwardedFields }: OriginsOptions = NO_PROXIES) {
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
  /** Undefined if no field of this peer is read. */
  readonly reader: ClientReader | undefined;
}

/** The other end of a connection; the client unless a proxy names one. */
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
