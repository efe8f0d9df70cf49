import { isHost } from "../is-host.ts";
import type { RequestProtocol } from "./client.ts";

/** What a proxy calls the protocol; undefined where it is none of ours. */
export function saidProtocol(text: string): RequestProtocol | undefined {
  // RFC 3986 §3.1: in any case.
  const protocol = text.toLowerCase();
  const isKnown = protocol === "http" || protocol === "https";
  return isKnown ? protocol : undefined;
}

/** What a proxy calls the host; undefined where that is none. */
export function saidHost(text: string): string | undefined {
  return isHost(text) ? text : undefined;
}
