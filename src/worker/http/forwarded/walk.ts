import type { AddressList } from "../../../shared/addresses/address-list.ts";
import { nodeAddress } from "./node-address.ts";

/** Longer chains are no proxies, but somebody who wants work to be done. */
const MAX_HOPS = 32;

/**
 * Goes from proxy to proxy, from the last one on: each has told the address of
 * the one before it. It ends at the first that is nobody's proxy, as what is
 * before that one its client may have invented.
 */
export class Walk {
  /** Of the client, as far as it has come; undefined where it is not known. */
  address: string | undefined = undefined;
  /** How many proxies have told of another one. */
  hops = 0;
  readonly #proxies: AddressList;

  constructor(proxies: AddressList) {
    this.#proxies = proxies;
  }

  /** @returns whether there is another one to ask */
  goOn(node: string): boolean {
    this.hops++;
    this.address = nodeAddress(node);
    if (this.address === undefined) return false;
    if (!this.#proxies.has(this.address)) return false;
    if (this.hops < MAX_HOPS) return true;
    this.address = undefined;
    return false;
  }
}
