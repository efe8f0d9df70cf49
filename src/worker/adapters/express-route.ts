/** Runs per request. */
import type { IncomingMessage } from "node:http";

/** Properties that Express gives to a request once a route takes it. */
interface Routed {
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown };
}

/**
 * The pattern of the Express route that took a request; undefined for other
 * apps. Of a route in a mounted router it is not known: there the request has
 * the path of the mount, with parameters replaced.
 */
export function expressRoute(incoming: IncomingMessage): string | undefined {
  const { baseUrl, route } = incoming as Routed;
  if (route === undefined || baseUrl !== "") return undefined;
  const path = route?.path;
  return typeof path === "string" ? path : undefined;
}
