import type { AcceptedRequests } from "../../http/accepted-requests.ts";
import { ProtocolError } from "../protocol-error.ts";
import { checkHost } from "./known-fields.ts";

/** A target as applications see it. */
export interface ResolvedTarget {
  /** Path with query, or "*". */
  readonly target: string;
  /** The authority of an absolute-form target, which replaces Host. */
  readonly authority: string | undefined;
}

const ABSOLUTE = /^https?:\/\/([^/?]*)(.*)$/is;

/**
 * Resolves a target that does not begin with "/": RFC 9112 §3.2.2 to §3.2.4.
 *
 * @throws ProtocolError 400, or 501 for CONNECT: an origin server is no tunnel
 */
export function resolveTarget(
  method: string,
  target: string,
  accepts: Pick<AcceptedRequests, "connect">,
): ResolvedTarget {
  if (method === "CONNECT") {
    if (!accepts.connect()) {
      throw new ProtocolError(501, "method", "CONNECT is not implemented");
    }
    checkHost(target);
    if (!/:[0-9]+$/.test(target)) refuse("CONNECT without a port");
    return { target, authority: undefined };
  }
  if (target === "*") {
    if (method === "OPTIONS") return { target, authority: undefined };
    refuse('a target "*" with a method other than OPTIONS');
  }
  const [, authority, rest] = ABSOLUTE.exec(target) ?? [];
  if (authority === undefined || rest === undefined) {
    refuse("a target that is neither a path nor a URI");
  }
  checkHost(authority);
  if (rest === "" && method === "OPTIONS") return { target: "*", authority };
  return { target: rest.startsWith("/") ? rest : `/${rest}`, authority };
}

function refuse(message: string): never {
  throw new ProtocolError(400, "target", message);
}
