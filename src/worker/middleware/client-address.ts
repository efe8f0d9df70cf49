/** Runs per request whose address matters; a field is read from proxies only. */

import { addressList, UNIX } from "../../shared/addresses/address-list.ts";
import { plainAddress } from "../../shared/addresses/plain-address.ts";
import type { HttpRequest } from "../http/request.ts";
import { checkOptions, oneOf } from "./check-options.ts";
import { forwardedFor, xForwardedFor } from "./forwarded-field.ts";

export interface ClientAddressOptions {
  /**
   * Your own proxies: addresses, networks as "10.0.0.0/8", and "unix" for peers
   * on a Unix socket. Default: none, and nothing that is forwarded is believed.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * The field in which they say for whom they ask; one only, as another is what
   * clients wrote themselves. Default: "X-Forwarded-For".
   */
  readonly forwardedField?: "X-Forwarded-For" | "Forwarded";
}

/**
 * Gives the address from which a request comes: that of the peer, or, where the
 * peer is a trusted proxy, the last one of the field that is not. What is before
 * that the client may have invented.
 *
 * IPv4 is never in the form of IPv6. The result is "unix" for a peer on a Unix
 * socket that is not trusted, and undefined where a trusted proxy does not say
 * for whom it asks in a way that can be read.
 *
 * @throws TypeError for options that are none
 */
export function clientAddress(
  options: ClientAddressOptions = {},
): (request: HttpRequest) => string | undefined {
  checkOptions("clientAddress()", options, {
    trustedProxies: {
      isValid: Array.isArray,
      valid: "a list of addresses and networks",
    },
    forwardedField: oneOf("X-Forwarded-For", "Forwarded"),
  });
  const { trustedProxies = [], forwardedField = "X-Forwarded-For" } = options;
  const trusted = addressList("option trustedProxies", trustedProxies);
  const addressesIn =
    forwardedField === "Forwarded" ? forwardedFor : xForwardedFor;

  return ({ remoteAddress, headers }) => {
    const peer =
      remoteAddress === undefined ? UNIX : plainAddress(remoteAddress);
    if (peer === undefined || !trusted.has(peer)) return peer;
    const field = headers.get(forwardedField);
    if (field === undefined) return peer;
    let address: string | undefined = peer;
    for (const one of addressesIn(field).reverse()) {
      address = one;
      if (address === undefined || !trusted.has(address)) break;
    }
    return address;
  };
}
