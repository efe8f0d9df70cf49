import { monotonicClock } from "../../../src/shared/clock.ts";
import { NOT_STARTED, type Readiness } from "../../../src/shared/readiness.ts";
import {
  Origins,
  type OriginsOptions,
} from "../../../src/worker/http/forwarded/origins.ts";
import type { Handler } from "../../../src/worker/http/handler.ts";
import { Http1Connection } from "../../../src/worker/http1/http1-connection.ts";
import { ParserPool } from "../../../src/worker/http1/request-reader.ts";
import { type ServeOptions, serve } from "../net/served.ts";
import { CONNECTION_LIMITS, TestObserver } from "./test-connection.ts";

/** The real stack over real sockets, in this process. */
export async function serveHttp(
  handler: Handler,
  options: ServeOptions & {
    readonly limits?: object;
    readonly readiness?: Readiness;
    readonly forwarding?: OriginsOptions;
  } = {},
) {
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const observer = new TestObserver();
  const context = {
    limits,
    parsers: new ParserPool(limits),
    clock: monotonicClock,
    origins: new Origins(options.forwarding),
    handler,
    observer,
    readiness: options.readiness ?? NOT_STARTED,
    serverField: "",
  };
  const served = await serve((transport) => {
    return new Http1Connection(transport, context);
  }, options);
  return { ...served, observer };
}
