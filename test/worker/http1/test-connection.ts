import assert from "node:assert/strict";
import { afterEach } from "node:test";
import type { Handler } from "../../../src/worker/http/handler.ts";
import type { ConnectionLimits } from "../../../src/worker/http1/connection-context.ts";
import type { ParserLimits } from "../../../src/worker/http1/parser-limits.ts";
import {
  openConnection,
  type SharedParts,
  settled,
  type TestConnection,
} from "../../support/open-connection.ts";

export {
  CONNECTION_LIMITS,
  settled,
  type TestConnection,
  TestObserver,
} from "../../support/open-connection.ts";

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
  shared: SharedParts = {},
): TestConnection {
  const made = openConnection(handler, limits, shared);
  opened.push(made);
  return made;
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
