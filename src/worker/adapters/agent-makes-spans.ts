/** Runs per traced request: two comparisons. */
import { channel } from "node:diagnostics_channel";
import { hasReplacedEmit } from "../../shared/node-internals/replaced-emit.ts";
import type { NodeHosted } from "./node-handler.ts";
import { isNodeServer } from "./node-server.ts";

const requestStart = channel("http.server.request.start");

/**
 * Whether an agent hooks into the server, and so makes the spans of requests:
 * it has replaced `emit()`, as OpenTelemetry's instrumentation of node:http
 * does, or is told of requests before they are emitted, as Sentry is.
 */
export function agentMakesSpans(hosted: NodeHosted): boolean {
  if (requestStart.hasSubscribers) return true;
  return isNodeServer(hosted) ? hasReplacedEmit(hosted) : hasReplacedEmit();
}
