/**
 * Whether `emit()` of a server has been replaced. Agents do that to see its
 * requests: OpenTelemetry to that of the class, Sentry to that of each server.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node does not promise that
 * its servers have the method of EventEmitter.
 */
import { EventEmitter } from "node:events";
import { Server } from "node:http";

/** @param server without it: of servers that are made from now on */
export function hasReplacedEmit(
  server: Pick<Server, "emit"> = Server.prototype,
): boolean {
  return server.emit !== EventEmitter.prototype.emit;
}
