/**
 * The limits that a program sets on its server. They hold where they are
 * stricter than the settings.
 */
import { createServer, type Server } from "node:http";
import type { ListenerTimeouts } from "../../shared/config/listeners-of.ts";
import type { Settings } from "../../shared/config/settings.ts";
import { ownClassesOf } from "../../shared/node-internals/server-classes.ts";

export type ServerLimits = Pick<
  Settings & ListenerTimeouts,
  | "headTimeoutMs"
  | "bodyTimeoutMs"
  | "keepAliveTimeoutMs"
  | "maxRequestsPerConnection"
  | "maxHeadBytes"
>;

/** Properties of servers, by the limit that they stand for; 0 is no limit. */
const PROPERTIES = {
  headTimeoutMs: "headersTimeout",
  bodyTimeoutMs: "requestTimeout",
  keepAliveTimeoutMs: "keepAliveTimeout",
  maxRequestsPerConnection: "maxRequestsPerSocket",
  maxHeadBytes: "maxHeaderSize",
} as const satisfies Record<keyof ServerLimits, string>;

const LIMITS = Object.keys(PROPERTIES) as (keyof ServerLimits)[];

/**
 * @param before the limits of the settings; 0 is no limit
 * @returns those that the program has made stricter
 */
export function stricterLimits(
  server: Server,
  before: ServerLimits,
): Partial<ServerLimits> {
  const untouched = createServer();
  const stricter: Partial<Record<keyof ServerLimits, number>> = {};
  for (const limit of LIMITS) {
    const property = PROPERTIES[limit];
    const value: unknown = Reflect.get(server, property);
    // Node's own defaults say nothing of what the program needs.
    if (value === Reflect.get(untouched, property)) continue;
    if (typeof value !== "number" || value <= 0) continue;
    if (before[limit] === 0 || value < before[limit]) stricter[limit] = value;
  }
  return stricter;
}

/** The settings of a server that have no effect here. */
export function settingsWithoutEffect(server: Server): string[] {
  const { maxHeadersCount: count } = server;
  const isLimited = typeof count === "number" && count > 0;
  const before = Reflect.get(createServer(), "highWaterMark");
  const isOther = Reflect.get(server, "highWaterMark") !== before;
  return [
    ...(isLimited ? ["maxHeadersCount"] : []),
    ...ownClassesOf(server),
    ...(isOther ? ["highWaterMark"] : []),
  ];
}

/** Most connections of the server in this process, if the program says so. */
export function maxConnectionsOf({ maxConnections }: Server): number {
  const isLimit = typeof maxConnections === "number" && maxConnections > 0;
  return isLimit ? maxConnections : Number.POSITIVE_INFINITY;
}
