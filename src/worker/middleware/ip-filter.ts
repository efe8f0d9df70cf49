/** Runs per request: one or two look-ups. */
import { addressList } from "../../shared/addresses/address-list.ts";
import { checkOptions } from "../../shared/check-options.ts";
import type { Middleware } from "../http/handler.ts";
import { forbidden } from "../http/response-helpers.ts";

export interface IpFilterOptions {
  /**
   * Admitted clients: addresses, networks such as "10.0.0.0/8" or
   * "2001:db8::/32", and "unix" for peers on a Unix socket. Default: all.
   */
  readonly allow?: readonly string[];
  /** Refused clients; takes precedence over `allow`. Default: none. */
  readonly deny?: readonly string[];
}

const list = {
  isValid: Array.isArray,
  valid: "a list of addresses and networks",
};

/**
 * Refuses requests with 403 by their `remoteAddress`. Requests without a known
 * address are refused.
 *
 * @throws TypeError for unknown or invalid options, or without any
 */
export function ipFilter(options: IpFilterOptions): Middleware {
  checkOptions("ipFilter()", options, { allow: list, deny: list });
  const { allow, deny = [] } = options;
  if (allow === undefined && options.deny === undefined) {
    throw new TypeError('ipFilter() needs "allow" or "deny"');
  }
  if (allow?.length === 0) {
    throw new TypeError("option allow of ipFilter() allows nobody");
  }
  const allowed = allow && addressList("option allow of ipFilter()", allow);
  const denied = addressList("option deny of ipFilter()", deny);
  return (request, next) => {
    const { remoteAddress: address } = request;
    if (address === undefined || denied.has(address)) return forbidden();
    return !allowed || allowed.has(address) ? next(request) : forbidden();
  };
}
