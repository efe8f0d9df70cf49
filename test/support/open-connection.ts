import { setImmediate as nextTurn } from "node:timers/promises";
import { Origins } from "../../src/worker/http/forwarded/origins.ts";
import type { Handler } from "../../src/worker/http/handler.ts";
import { statusOfError } from "../../src/worker/http/http-error.ts";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { problem } from "../../src/worker/http/response-helpers.ts";
import type {
  ConnectionLimits,
  ConnectionObserver,
  Exchange,
  RequestHandover,
} from "../../src/worker/http1/connection-context.ts";
import { Http1Connection } from "../../src/worker/http1/http1-connection.ts";
import type { ParserLimits } from "../../src/worker/http1/parser-limits.ts";
import { ParserPool } from "../../src/worker/http1/request-reader.ts";
import { LIMITS } from "../worker/http1/limits.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeTransport } from "./fake-transport.ts";

/** Default limits of the settings. */
export const CONNECTION_LIMITS: ConnectionLimits & ParserLimits = {
  ...LIMITS,
  maxUnreadBodyBytes: 65_536,
  maxRequestsPerConnection: 0,
  headTimeoutMs: 10_000,
  handlerTimeoutMs: 60_000,
  bodyTimeoutMs: 30_000,
  minBodyBytesPerSecond: 240,
  keepAliveTimeoutMs: 75_000,
};

export class TestObserver implements ConnectionObserver {
  readonly events: string[] = [];
  readonly exchanges: Exchange[] = [];
  openRequests = 0;

  onRequest(): void {
    this.openRequests++;
    this.events.push("request");
  }

  onResponse(exchange: Exchange): void {
    this.openRequests--;
    this.exchanges.push(exchange);
    this.events.push(`response ${exchange.status}`);
  }

  onAbort(request: HttpRequest): void {
    this.openRequests--;
    this.events.push(`abort ${request.target}`);
  }

  onHandlerTimeout(request: HttpRequest): void {
    this.events.push(`handler timeout ${request.target}`);
  }

  onParseError(reason: string): void {
    this.events.push(`parse error ${reason}`);
  }

  onResponseError(_request: HttpRequest, error: unknown): void {
    const { message } = error as Error;
    this.events.push(`response error: ${message}`);
  }
}

export interface TestConnection {
  readonly clock: FakeClock;
  /** The client side. */
  readonly client: FakeTransport;
  readonly connection: Http1Connection;
  readonly observer: TestObserver;
  /** Readiness of the server. */
  readonly readiness: { isClosing: boolean };
}

/** Parts that the connections of a listener share. */
export interface SharedParts {
  readonly parsers?: ParserPool | undefined;
  /** Default: no proxy is trusted. */
  readonly origins?: Origins;
  readonly handover?: RequestHandover;
}

/**
 * Opens a connection without a socket; the caller must make the client leave.
 */
export function openConnection(
  handler: Handler,
  limits: Partial<ConnectionLimits & ParserLimits> = {},
  { parsers, origins = new Origins(), handover }: SharedParts = {},
): TestConnection {
  const clock = new FakeClock();
  const observer = new TestObserver();
  const readiness = { isClosing: false };
  const all = { ...CONNECTION_LIMITS, ...limits };
  const context = {
    limits: all,
    parsers: parsers ?? new ParserPool(all),
    clock,
    origins,
    handover,
    handler: guarded(handler),
    observer,
    readiness,
    serverField: "Server: test\r\n",
  };
  const client = new FakeTransport(clock, (transport) => {
    return new Http1Connection(transport, context);
  });
  const connection = client.protocol as Http1Connection;
  return { clock, client, connection, observer, readiness };
}

/** A handler that never rejects, like that of an app. */
function guarded(handler: Handler): Handler {
  return (request) => {
    const answer = handler(request);
    if (answer instanceof HttpResponse) return answer;
    return answer.catch((error) => problem(statusOfError(error)));
  };
}

/** Waits until all promises that can settle have settled. */
export function settled(): Promise<void> {
  return nextTurn();
}
