import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../../support/server-address.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serveHttp } from "./served-http1.ts";
import { requestOf } from "./test-connection.ts";

test("a handler is told when its client has left", async () => {
  const signals: AbortSignal[] = [];
  const { address, observer, listener } = await serveHttp((request) => {
    signals.push(request.signal);
    return new Promise(() => {});
  });
  const client = connect(address);
  client.write(requestOf("GET /"));
  await waitUntil(() => signals[0], { what: "the handler" });
  client.resetAndDestroy();
  await waitUntil(() => signals[0]?.aborted, { what: "the signal" });
  assert.deepEqual(observer.events, ["request", "abort /"]);
  await waitUntil(() => listener.count === 0, { what: "the end" });
});
