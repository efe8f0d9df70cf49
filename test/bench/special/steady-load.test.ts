import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { Children } from "../../../bench/children.ts";
import { SteadyLoad } from "../../../bench/special/steady/steady-load.ts";
import { waitUntil } from "../../support/wait-until.ts";

const HOLD_MS = 300;

const children = new Children();
after(() => children.killAll());

test("who waits for a late answer has waited since its request was due", async (t) => {
  let asked = 0;
  let heldUntilMs = 0;
  const server = createServer(async (_request, response) => {
    asked++;
    const waitMs = heldUntilMs - performance.now();
    if (waitMs > 0) setTimeout(() => response.end("Hello World"), waitMs);
    else response.end("Hello World");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const order = { port, clients: 4, requestsPerSecond: 200 };
  const load = new SteadyLoad(children, order);
  t.after(() => load.close());

  await waitUntil(() => asked > 20, { what: "requests", timeoutMs: 20_000 });
  await load.nextPhase();
  heldUntilMs = performance.now() + HOLD_MS;
  const before = asked;
  await waitUntil(() => asked > before + 80, { what: "more requests" });
  const { requests, failures, p50Ms, maxMs } = await load.nextPhase();
  // Four clients were held, with all that was due for them meanwhile: a client
  // that counts only what it has sent would know of four slow requests.
  assert.equal(failures, 0);
  assert.ok(requests >= 80, `${requests} requests`);
  assert.ok(maxMs >= HOLD_MS * 0.8, `max ${maxMs} ms`);
  assert.ok(p50Ms >= HOLD_MS * 0.1, `p50 ${p50Ms} ms`);
});
