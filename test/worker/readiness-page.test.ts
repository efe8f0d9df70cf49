import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, type TestContext, test } from "node:test";
import { NOT_STARTED } from "../../src/shared/readiness.ts";
import { exchange } from "../support/raw-exchange.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import { type Given, serveListeners } from "./served-listeners.ts";

const READY = { isReady: true, why: "ready", isClosing: false };
const PATH = "/-/ready";

async function ask(address: ServerAddress | undefined, line = `GET ${PATH}`) {
  assert.ok(address);
  const request = `${line} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const { responses } = await exchange(address, request, { responses: 1 });
  const [response] = responses;
  assert.ok(response);
  const { status, headers, body } = response;
  return { status, headers, text: body.toString() };
}

async function serve(t: TestContext, given: Given = {}) {
  const listen = [{ port: 1, readinessPath: PATH }];
  const served = await serveListeners(t, { listen, ...given });
  return { ...served, address: served.addresses[0] };
}

describe("the readiness path of a listener", () => {
  test("tells how the server stands at the moment", async (t) => {
    const { address, readiness } = await serve(t);
    const before = await ask(address);
    assert.deepEqual([before.status, before.text], [503, "starting\n"]);
    Object.assign(readiness, READY);
    const after = await ask(address);
    assert.deepEqual([after.status, after.text], [200, "ready\n"]);
    const why = "0 of 2 workers are ready";
    Object.assign(readiness, { ...NOT_STARTED, why });
    assert.equal((await ask(address)).text, `${why}\n`);
  });

  test("is text that nobody keeps", async (t) => {
    const { address } = await serve(t);
    const { headers } = await ask(address);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
  });

  test("answers HEAD, and no other method", async (t) => {
    const { address, readiness } = await serve(t);
    Object.assign(readiness, READY);
    const head = await ask(address, `HEAD ${PATH}`);
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(head.headers["content-length"], "6");
    const { status, headers } = await ask(address, `POST ${PATH}`);
    assert.equal(status, 405);
    assert.equal(headers.allow, "GET, HEAD");
  });

  test("is the path alone, with any query", async (t) => {
    const { address } = await serve(t);
    assert.equal((await ask(address, `GET ${PATH}?a=b`)).status, 503);
    assert.equal((await ask(address, `GET ${PATH}/more`)).text, "hello");
    assert.equal((await ask(address, "GET /")).text, "hello");
  });

  test("is that listener's: others leave the path to the app", async (t) => {
    const { addresses } = await serve(t, {
      listen: [{ port: 1, readinessPath: PATH }, { port: 2 }],
    });
    assert.equal((await ask(addresses[1])).text, "hello");
  });

  test("is counted by its path", async (t) => {
    const { address, meter } = await serve(t);
    await ask(address);
    await ask(address, `POST ${PATH}`);
    const { requests = {} } = meter.snapshot().histograms;
    const counted = Object.keys(requests);
    assert.deepEqual(counted, [`GET 503 ${PATH}`, `POST 405 ${PATH}`]);
  });

  test("is answered while other requests are shed", async (t) => {
    const { address, listeners } = await serve(t, { maxEventLoopDelayMs: 1 });
    for (let samples = 0; samples < 2; samples++) {
      listeners.onEventLoopDelay(1_000);
    }
    assert.match((await ask(address, "GET /")).text, /busy/);
    assert.equal((await ask(address)).text, "starting\n");
  });

  test("is answered where there are too many connections", async (t) => {
    const { address } = await serve(t, { maxConnections: 1 });
    assert.ok(address);
    const client = connect(address);
    t.after(() => client.destroy());
    await once(client, "connect");
    assert.match((await ask(address, "GET /")).text, /busy/);
    assert.equal((await ask(address)).text, "starting\n");
  });
});
