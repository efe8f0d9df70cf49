import assert from "node:assert/strict";
import { afterEach } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { statusOfError } from "../../../src/worker/http/errors.ts";
import type { Handler } from "../../../src/worker/http/handler.ts";
import type { HttpRequest } from "../../../src/worker/http/request.ts";
import { HttpResponse } from "../../../src/worker/http/response.ts";
import { problem } from "../../../src/worker/http/responses.ts";
import type {
  ConnectionLimits,
  ConnectionObserver,
  Exchange,
} from "../../../src/worker/http1/connection-context.ts";
import { Http1Connection } from "../../../src/worker/http1/http1-connection.ts";
import type { ParserLimits } from "../../../src/worker/http1/limits.ts";
import { ParserPool } from "../../../src/worker/http1/request-reader.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FakeTransport } from "../../support/fake-transport.ts";
import { LIMITS } from "./limits.ts";

/** The limits that the settings have by default. */
export const CONNECTION_LIMITS: ConnectionLimits & ParserLimits = {
  ...LIMITS,
  maxUnreadBodyBytes: 65_536,
  maxRequestsPerConnection: 0,
  headTimeoutMs: 10_000,
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
  /** What the client sends and gets. */
  readonly client: FakeTransport;
  readonly connection: Http1Connection;
  readonly observer: TestObserver;
}

const opened: TestConnection[] = [];

// Whatever happened on it: each request had one answer, or was aborted once.
afterEach(async () => {
  for (const { client, observer } of opened.splice(0)) {
    client.leave();
    await settled();
    assert.equal(observer.openRequests, 0, observer.events.join(", "));
  }
});

export function connect(
  handler: Handler,
  limits: Partial<ConnectionLimits & ParserLimits> = {},
): TestConnection {
  const clock = new FakeClock();
  const observer = new TestObserver();
  const all = { ...CONNECTION_LIMITS, ...limits };
  const context = {
    limits: all,
    parsers: new ParserPool(all),
    clock,
    handler: guarded(handler),
    observer,
    serverField: "Server: test\r\n",
  };
  const client = new FakeTransport(clock, (transport) => {
    return new Http1Connection(transport, context);
  });
  const connection = client.protocol as Http1Connection;
  const made = { clock, client, connection, observer };
  opened.push(made);
  return made;
}

/** A handler that never rejects, as an app's is. */
function guarded(handler: Handler): Handler {
  return (request) => {
    const answer = handler(request);
    if (answer instanceof HttpResponse) return answer;
    return answer.catch((error) => problem(statusOfError(error)));
  };
}

/** All promises that can be settled now are. */
export function settled(): Promise<void> {
  return nextTurn();
}

/** A request; a body brings its Content-Length. */
export function requestOf(
  line: string,
  fields: readonly string[] = [],
  body = "",
): string {
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const lines = [`${line} HTTP/1.1`, "Host: h", ...fields, ...length];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
