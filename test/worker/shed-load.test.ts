import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { monotonicClock } from "../../src/shared/clock.ts";
import { maxBodyBytesOf } from "../../src/shared/config/max-body-bytes.ts";
import {
  type Settings,
  settingsSchema,
} from "../../src/shared/config/settings.ts";
import { NOT_STARTED } from "../../src/shared/readiness.ts";
import { Origins } from "../../src/worker/http/forwarded/origins.ts";
import type { Handler } from "../../src/worker/http/handler.ts";
import type { HttpResponse } from "../../src/worker/http/http-response.ts";
import { ok, stream } from "../../src/worker/http/response-helpers.ts";
import { Http1Connection } from "../../src/worker/http1/http1-connection.ts";
import { ParserPool } from "../../src/worker/http1/request-reader.ts";
import { shedLoad } from "../../src/worker/shed-load.ts";
import { deferred } from "../support/deferred.ts";
import { TestObserver } from "../support/open-connection.ts";
import { exchange } from "../support/raw-exchange.ts";
import {
  connect,
  readyEvent,
  type ServerAddress,
} from "../support/server-address.ts";
import { tlsOptions } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";
import { type ServeOptions, serve } from "./net/served.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const HEALTH = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

function plainContext(settings: Settings, handler: Handler) {
  const observer = new TestObserver();
  const limits = { ...settings, maxBodyBytes: maxBodyBytesOf(settings) };
  const context = {
    limits,
    parsers: new ParserPool(limits),
    clock: monotonicClock,
    origins: new Origins(),
    handler,
    observer,
    readiness: NOT_STARTED,
    serverField: "",
  };
  return { context, observer };
}

/** Without what follows from the limit on descriptors. */
function limitless(given: Partial<Settings>) {
  const settings = settingsSchema.parse(given);
  return { ...settings, maxConnections: Number(given.maxConnections ?? 0) };
}

async function serveShedding(
  handler: Handler,
  given: Partial<Settings>,
  options: ServeOptions = {},
) {
  const settings = limitless(given);
  const shed: string[] = [];
  const { context: plain, observer } = plainContext(settings, handler);
  const shedding = shedLoad(settings, {
    clock: monotonicClock,
    onShed: (reason) => shed.push(reason),
  });
  const { context, connectionLimit: limit } = shedding.around(plain);
  const served = await serve(
    (transport) => new Http1Connection(transport, context),
    { ...options, limit },
  );
  return { ...served, shed, observer };
}

/** A handler that answers when it is told. */
function slowHandler() {
  const waiting: ((response: HttpResponse) => void)[] = [];
  const handler: Handler = () => {
    const { promise, resolve } = deferred<HttpResponse>();
    waiting.push(resolve);
    return promise;
  };
  /** Answers the one that began first, once it has. */
  const answer = async (response = ok()) => {
    await waitUntil(() => waiting.length > 0, { what: "a request" });
    waiting.shift()?.(response);
  };
  return { handler, waiting, answer };
}

const one = { responses: 1 } as const;

async function statusOf(address: ServerAddress, bytes = GET) {
  const { responses } = await exchange(address, bytes, one);
  return responses[0]?.status;
}

describe("load shedding", () => {
  test("is not there at all unless it is asked for", () => {
    const settings = limitless({});
    const { context } = plainContext(settings, () => ok());
    const parts = { clock: monotonicClock, onShed: () => {} };
    const shedding = shedLoad(settings, parts).around(context);
    assert.equal(shedding.context, context);
    assert.equal(shedding.connectionLimit, undefined);
  });

  test("lets requests wait, and refuses what is too much", async () => {
    const { handler, answer } = slowHandler();
    const { address, observer, shed } = await serveShedding(handler, {
      maxConcurrentRequests: 1,
      maxQueuedRequests: 1,
      queueTimeoutMs: 60_000,
    });
    const first = statusOf(address);
    await waitUntil(() => observer.openRequests === 1, { what: "one" });
    const second = statusOf(address);
    await waitUntil(() => observer.openRequests === 2, { what: "two" });
    assert.equal(await statusOf(address), 503);
    assert.deepEqual(shed, ["queue_full"]);
    await answer();
    await answer();
    assert.deepEqual(await Promise.all([first, second]), [200, 200]);
  });

  test("keeps the connection of who was refused", async () => {
    const { handler, answer, waiting } = slowHandler();
    const served = await serveShedding(handler, { maxConcurrentRequests: 1 });
    const running = statusOf(served.address);
    await waitUntil(() => waiting.length === 1, { what: "one" });
    const { responses, ending } = await exchange(served.address, GET + GET, {
      responses: 2,
    });
    assert.deepEqual(
      responses.map(({ status }) => status),
      [503, 503],
    );
    assert.equal(ending, "open");
    await answer();
    assert.equal(await running, 200);
  });

  test("forgets who leaves while waiting", async () => {
    const { handler, answer, waiting } = slowHandler();
    const { address, observer } = await serveShedding(handler, {
      maxConcurrentRequests: 1,
      maxQueuedRequests: 1,
      queueTimeoutMs: 60_000,
    });
    const running = statusOf(address);
    await waitUntil(() => waiting.length === 1, { what: "one" });
    const client = connect(address);
    client.write(GET);
    await waitUntil(() => observer.openRequests === 2, { what: "two" });
    client.resetAndDestroy();
    await waitUntil(() => observer.openRequests === 1, { what: "one left" });
    const next = statusOf(address);
    await waitUntil(() => observer.openRequests === 2, { what: "another" });
    await answer();
    await answer();
    assert.deepEqual(await Promise.all([running, next]), [200, 200]);
    assert.equal(waiting.length, 0, "the one that left was never handled");
  });

  test("gives back the place of a handler that takes too long", async () => {
    const { handler } = slowHandler();
    const { address } = await serveShedding(handler, {
      maxConcurrentRequests: 1,
      handlerTimeoutMs: 50,
      maxQueuedRequests: 1,
    });
    const { responses } = await exchange(address, GET, one);
    assert.equal(responses[0]?.headers["retry-after"], "1");
    const again = await exchange(address, GET, one);
    assert.equal(again.responses[0]?.status, 503);
    assert.doesNotMatch(again.raw.toString(), /busy/);
  });

  test("counts an answer that is streamed until its end", async () => {
    const { promise, resolve } = deferred();
    async function* chunks() {
      yield "a";
      await promise;
      yield "b";
    }
    const { address, shed } = await serveShedding(
      ({ path }) => (path === "/stream" ? stream(chunks()) : ok()),
      { maxConcurrentRequests: 1 },
    );
    const client = connect(address);
    client.write(GET.replace("/", "/stream"));
    await once(client, "data");
    assert.equal(await statusOf(address), 503);
    resolve();
    await waitUntil(async () => (await statusOf(address)) === 200, {
      what: "the end of the stream",
    });
    client.destroy();
    assert.ok(shed.every((reason) => reason === "queue_full"));
  });

  test("serves in a drain who waits", async () => {
    const { handler, answer, waiting } = slowHandler();
    const { address, observer, listener } = await serveShedding(handler, {
      maxConcurrentRequests: 1,
      maxQueuedRequests: 1,
      queueTimeoutMs: 60_000,
    });
    const both = [statusOf(address), statusOf(address)];
    await waitUntil(() => observer.openRequests === 2, { what: "two" });
    listener.shutdown(0);
    await answer();
    await answer();
    assert.deepEqual(await Promise.all(both), [200, 200]);
    assert.equal(waiting.length, 0);
    await waitUntil(() => listener.count === 0, { what: "the end" });
  });
});

describe("a limit of connections", () => {
  for (const tls of [undefined, tlsOptions()]) {
    const over = tls ? "over TLS" : "in the clear";
    const options = tls ? { tls } : {};

    test(`gives one answer to those too many, ${over}`, async () => {
      const { address, listener, shed } = await serveShedding(
        () => ok(),
        { maxConnections: 1 },
        options,
      );
      const kept = connect(address);
      await once(kept, readyEvent(address));
      await waitUntil(() => listener.count === 1, { what: "the first" });
      const { responses, ending } = await exchange(address, GET + GET, {
        untilClosed: true,
      });
      const [refused] = responses;
      assert.equal(responses.length, 1);
      assert.equal(refused?.status, 503);
      assert.equal(refused?.headers.connection, "close");
      assert.match(refused?.headers["retry-after"] ?? "", /^[1-4]$/);
      assert.equal(ending, "fin");
      assert.deepEqual(shed, ["connections"]);
      assert.equal(await statusOf(address, HEALTH), 200);

      kept.destroy();
      await waitUntil(() => listener.count === 0, { what: "the end" });
      assert.equal(await statusOf(address), 200);
    });
  }

  test("has a limit of its own for those too many", async () => {
    const { address, listener, shed, dropped } = await serveShedding(
      () => ok(),
      { maxConnections: 2 },
    );
    const clients = Array.from({ length: 14 }, () => connect(address));
    const ends = clients.map((client) => once(client.resume(), "close"));
    // 2 are served, 8 would be told, 4 are dropped at once.
    await waitUntil(() => shed.length === 4, { what: "four to be dropped" });
    assert.ok(listener.count <= 10);
    assert.deepEqual(dropped, Array(4).fill("max_connections"));
    // Those that say nothing are closed after a second.
    await waitUntil(() => listener.count === 2, { what: "two to be left" });
    for (const client of clients) client.destroy();
    await Promise.all(ends);
  });
});
