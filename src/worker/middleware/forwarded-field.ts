/** Runs per request that came through a proxy. */
import { plainAddress } from "../../shared/addresses/plain-address.ts";

// RFC 7239 §4: pairs, with ";" between them, and "," between elements.
const PAIR =
  /[ \t]*([\w!#$%&'*+\-.^`|~]+)=(?:([\w!#$%&'*+\-.^`|~]+)|"((?:[^"\\]|\\.)*)")[ \t]*(?:([;,])|$)/y;
const IPV6_NODE = /^\[([^\]]+)\](?::\w+)?$/;
const IPV4_NODE = /^([\d.]+)(?::\w+)?$/;

/**
 * For whom each proxy has forwarded, by the field Forwarded, the last one last;
 * undefined for one that has no address, as "unknown" and "_hidden" (RFC 7239
 * §6). Nothing at all is known where the field is not valid.
 */
export function forwardedFor(field: string): (string | undefined)[] {
  const nodes: (string | undefined)[] = [];
  let node: string | undefined;
  PAIR.lastIndex = 0;
  for (let at = 0; at < field.length; at = PAIR.lastIndex) {
    const [, name = "", token, quoted, end] = PAIR.exec(field) ?? [];
    if (name === "") return [undefined];
    const value = token ?? (quoted ?? "").replace(/\\(.)/g, "$1");
    if (name.toLowerCase() === "for") node = addressOfNode(value);
    if (end === ";" && PAIR.lastIndex < field.length) continue;
    nodes.push(node);
    node = undefined;
  }
  return nodes;
}

/** The same of X-Forwarded-For: addresses with commas between them. */
export function xForwardedFor(field: string): (string | undefined)[] {
  const nodes = field.split(",").map((node) => node.trim());
  return nodes.filter((node) => node !== "").map(addressOfNode);
}

/** Without its port; some proxies write one, and IPv6 without brackets. */
function addressOfNode(node: string): string | undefined {
  const address = (IPV6_NODE.exec(node) ?? IPV4_NODE.exec(node))?.[1];
  return plainAddress(address ?? node);
}
