/** Runs per request: a look-up or two. */

import { addressList } from "../../shared/addresses/address-list.ts";
import type { Middleware } from "../http/handler.ts";
import { forbidden } from "../http/response-helpers.ts";
import { checkOptions } from "./check-options.ts";

export interface IpFilterOptions {
  /**
   * Who may ask: addresses, networks as "10.0.0.0/8" or "2001:db8::/32", and
   * "unix" for peers on a Unix socket. Default: all.
   */
  readonly allow?: readonly string[];
  /** Who may not, even if allowed. Default: nobody. */
  readonly deny?: readonly string[];
}

const list = {
  isValid: Array.isArray,
  valid: "a list of addresses and networks",
};

/**
 * Refuses requests with 403 by the address they come from: see
 * `remoteAddress`. Where that is not known, the request is refused, too.
 *
 * @throws TypeError for options that are none, or where nothing is filtered
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
