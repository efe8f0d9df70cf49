import { monotonicClock } from "../../../src/shared/clock.ts";
import type { Handler } from "../../../src/worker/http/handler.ts";
import { Http1Connection } from "../../../src/worker/http1/http1-connection.ts";
import { ParserPool } from "../../../src/worker/http1/request-reader.ts";
import { type ServeOptions, serve } from "../net/served.ts";
import { CONNECTION_LIMITS, TestObserver } from "./test-connection.ts";

/** The real stack over real sockets, in this process. */
export async function serveHttp(
  handler: Handler,
  options: ServeOptions & { readonly limits?: object } = {},
) {
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const observer = new TestObserver();
  const context = {
    limits,
    parsers: new ParserPool(limits),
    clock: monotonicClock,
    handler,
    observer,
    serverField: "",
  };
  const served = await serve((transport) => {
    return new Http1Connection(transport, context);
  }, options);
  return { ...served, observer };
}
