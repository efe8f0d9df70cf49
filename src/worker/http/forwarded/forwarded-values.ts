import { isHost } from "../fields/is-host.ts";
import type { RequestProtocol } from "./client.ts";

/** Undefined for any protocol but HTTP; RFC 3986 §3.1: case is ignored. */
export function parseProtocol(text: string): RequestProtocol | undefined {
  const protocol = text.toLowerCase();
  const isKnown = protocol === "http" || protocol === "https";
  return isKnown ? protocol : undefined;
}

/** Undefined unless the text is one host, with or without a port. */
export function parseHost(text: string): string | undefined {
  return isHost(text) ? text : undefined;
}
