/** Runs per traced request: a few comparisons. */
import { channel } from "node:diagnostics_channel";
import type { Server } from "node:http";
import { hasReplacedEmit } from "../../shared/node-internals/replaced-emit.ts";
import type { SpanMaker } from "../http/span-maker.ts";

const requestStart = channel("http.server.request.start");

/**
 * - `unknown`: no agent has been seen;
 * - `asking`: there is one, and the next request tells whether it makes spans;
 * - `makesSpans`, `makesNone`: the request has told.
 */
type Finding = "unknown" | "asking" | "makesSpans" | "makesNone";

/**
 * Agents that hook into a server: they have replaced its `emit()`, or are told
 * of a request before it is emitted. Some make spans, as OpenTelemetry's
 * instrumentation of node:http does, and some do not. A listener of the first
 * request sees which, because it runs inside of all agents.
 */
export class ServerAgents implements SpanMaker {
  readonly #server: Server;
  #finding: Finding = "unknown";

  constructor(server: Server) {
    this.#server = server;
  }

  makesSpans(isTraced: () => boolean): boolean {
    switch (this.#finding) {
      case "unknown":
        if (!this.#areThere) return false;
        this.#ask(isTraced);
        return true;
      case "asking":
      case "makesSpans":
        return true;
      case "makesNone":
        return false;
      default:
        return this.#finding satisfies never;
    }
  }

  get #areThere(): boolean {
    return requestStart.hasSubscribers || hasReplacedEmit(this.#server);
  }

  #ask(isTraced: () => boolean): void {
    this.#finding = "asking";
    this.#server.prependOnceListener("request", () => {
      this.#finding = isTraced() ? "makesSpans" : "makesNone";
    });
  }
}
