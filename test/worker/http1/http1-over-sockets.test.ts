import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { text } from "../../../src/worker/http/response-helpers.ts";
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

test("a request that came in time is answered, however late it is seen", async () => {
  const { address } = await serveHttp(() => text("hello"), {
    limits: { keepAliveTimeoutMs: 100 },
  });
  const client = connect(address, { allowHalfOpen: true });
  client.write(requestOf("GET /"));
  await once(client, "data");
  client.write(requestOf("GET /"));
  // The event loop is busy until the connection has been idle for too long.
  const untilMs = performance.now() + 1_000;
  while (performance.now() < untilMs);
  const [answer] = await Promise.race([
    once(client, "data"),
    once(client, "end").then(() => ["nothing"]),
  ]);
  assert.match(String(answer), /^HTTP\/1.1 200 /);
  client.destroy();
});
