/** Runs per connection, and per request of a proxy whose address matters. */
import { addressList } from "../../../shared/addresses/address-list.ts";
import type { HttpHeaders } from "../headers.ts";
import type { Client, Origin, RequestProtocol } from "./client.ts";
import { clientByForwarded } from "./forwarded.ts";
import type { Trust } from "./trust.ts";
import { clientByXForwarded } from "./x-forwarded.ts";

export interface OriginsOptions {
  /** Addresses, networks, and "unix"; nobody else is believed. */
  readonly trustProxy: readonly string[];
  /** Those that the proxies write; all others are the client's own words. */
  readonly forwardedFields: readonly string[];
}

const NOBODY: OriginsOptions = { trustProxy: [], forwardedFields: [] };

/** Who connects to a listener, and whether it is taken at its word. */
export class Origins {
  readonly #trust: Trust | undefined;
  /** All connections of one balancer share it, one after the other. */
  #last: Peer | undefined = undefined;

  /** @throws TypeError for what is no address */
  constructor({ trustProxy, forwardedFields }: OriginsOptions = NOBODY) {
    const fields = new Set(forwardedFields.map((name) => name.toLowerCase()));
    const isWanted = trustProxy.length > 0 && fields.size > 0;
    const proxies = addressList("trustProxy", trustProxy);
    this.#trust = isWanted ? { proxies, fields } : undefined;
  }

  /** @param peerAddress as `plainAddress()` gives it, or "unix" */
  of(peerAddress: string | undefined, protocol: RequestProtocol): Origin {
    const last = this.#last;
    const isSame =
      last?.peerAddress === peerAddress && last?.protocol === protocol;
    if (isSame) return last as Peer;
    const isTrusted =
      peerAddress !== undefined && this.#trust?.proxies.has(peerAddress);
    const trust = isTrusted ? this.#trust : undefined;
    this.#last = new Peer(peerAddress, protocol, trust);
    return this.#last;
  }
}

/** Who has connected, and is the client where nobody else is believed to be. */
class Peer implements Origin, Client {
  readonly peerAddress: string | undefined;
  readonly protocol: RequestProtocol;
  readonly #trust: Trust | undefined;

  constructor(
    peerAddress: string | undefined,
    protocol: RequestProtocol,
    trust: Trust | undefined,
  ) {
    this.peerAddress = peerAddress;
    this.protocol = protocol;
    this.#trust = trust;
  }

  get remoteAddress(): string | undefined {
    return this.peerAddress;
  }

  get host(): undefined {
    return undefined;
  }

  clientOf(request: { readonly headers: HttpHeaders }): Client {
    const trust = this.#trust;
    if (!trust) return this;
    const isStandard = trust.fields.has("forwarded");
    const read = isStandard ? clientByForwarded : clientByXForwarded;
    return read(request.headers, trust, this);
  }
}
