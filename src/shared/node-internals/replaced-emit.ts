/**
 * Whether `emit()` of a server has been replaced. Agents do that to see its
 * requests: OpenTelemetry to that of the class, Sentry to that of each server.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node does not promise that
 * its servers have the method of EventEmitter.
 */
import { EventEmitter } from "node:events";
import type { Server } from "node:http";

export function hasReplacedEmit(server: Server): boolean {
  return server.emit !== EventEmitter.prototype.emit;
}

/** Emits an event for listeners only: who has replaced `emit()` is not told. */
export function emitPast(
  server: Server,
  event: string,
  ...args: readonly unknown[]
): void {
  EventEmitter.prototype.emit.call(server, event, ...args);
}
