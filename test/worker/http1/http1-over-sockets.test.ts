import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { HttpResponse } from "../../../src/worker/http/response.ts";
import { notFound, text } from "../../../src/worker/http/responses.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serveHttp } from "./served-http1.ts";
import { requestOf } from "./test-connection.ts";

const GET = requestOf("GET /");
const THREE_MB = 3 * 1_048_576;

describe("an answer to a body that nobody read", () => {
  for (const scheduling of ["shared", "balanced"] as const) {
    test(`§9.6 reaches a client that sends on: ${scheduling}`, async () => {
      const never = () => assert.fail("a handler");
      const { address } = await serveHttp(never, { scheduling });
      const request = requestOf("POST /", [], "x".repeat(THREE_MB));
      for (let round = 0; round < 20; round++) {
        const result = await exchange(address, request, { untilClosed: true });
        assert.equal(result.responses[0]?.status, 413, `round ${round}`);
        assert.equal(result.responses.length, 1);
        assert.equal(result.ending, "fin", `round ${round}`);
      }
    });
  }

  test("§9.6 reaches it too where the handler gave it", async () => {
    const limits = { maxBodyBytes: THREE_MB };
    const { address } = await serveHttp(() => notFound(), { limits });
    const request = requestOf("POST /", [], "x".repeat(THREE_MB));
    for (let round = 0; round < 20; round++) {
      const result = await exchange(address, request, { untilClosed: true });
      assert.equal(result.responses[0]?.status, 404, `round ${round}`);
      assert.equal(result.ending, "fin", `round ${round}`);
    }
  });

  test("§9.6 reaches it too behind garbage", async () => {
    const { address } = await serveHttp(() => text("x"));
    const garbage = "\x00".repeat(THREE_MB);
    for (let round = 0; round < 20; round++) {
      const options = { untilClosed: true } as const;
      const result = await exchange(address, GET + garbage, options);
      const statuses = result.responses.map(({ status }) => status);
      assert.deepEqual(statuses, [200, 400], `round ${round}`);
      assert.equal(result.ending, "fin", `round ${round}`);
    }
  });
});

describe("a connection over a real socket", () => {
  test("§9.3.2 answers a pipeline", async () => {
    const { address } = await serveHttp(({ target }) => text(target));
    const targets = Array.from({ length: 500 }, (_, index) => `/${index}`);
    const requests = targets.map((target) => requestOf(`GET ${target}`));
    const options = { responses: targets.length };
    const result = await exchange(address, requests.join(""), options);
    const bodies = result.responses.map(({ body }) => body.toString());
    assert.deepEqual(bodies, targets);
  });

  test("§9.3.2 answers a pipeline larger than all buffers", async () => {
    const body = "x".repeat(100_000);
    const { address } = await serveHttp(() => text(body));
    const options = { responses: 300, timeoutMs: 20_000 };
    const result = await exchange(address, GET.repeat(300), options);
    assert.equal(result.responses.length, 300);
  });

  test("§9.6 answers a client that has sent all", async () => {
    const { address } = await serveHttp(async (request) => {
      return text(`${(await request.bytes()).length}`);
    });
    const client = connect(address);
    client.end(requestOf("POST /", [], "x".repeat(500_000)) + GET);
    let received = "";
    client.on("data", (chunk) => {
      received += chunk;
    });
    await once(client, "end");
    assert.equal(received.split("HTTP/1.1 200 OK").length, 3);
    assert.match(received, /\r\n500000HTTP.*\r\n\r\n0$/s);
  });

  for (const version of ["1.0", "1.1"]) {
    test(`§8 shows by a reset that a stream failed: ${version}`, async () => {
      const half = deferred();
      async function* failing() {
        yield "half";
        await half.promise;
        throw new Error("disk gone");
      }
      const { address } = await serveHttp(() => new HttpResponse(failing()));
      const client = connect(address);
      client.write(`GET / HTTP/${version}\r\nHost: h\r\n\r\n`);
      let received = "";
      client.on("data", (chunk) => {
        received += chunk;
        if (received.includes("half")) half.resolve();
      });
      await assert.rejects(once(client, "end"), { code: "ECONNRESET" });
    });
  }

  test("tells the handler when its client has left", async () => {
    const signals: AbortSignal[] = [];
    const { address, observer, listener } = await serveHttp((request) => {
      signals.push(request.signal);
      return new Promise(() => {});
    });
    const client = connect(address);
    client.write(GET);
    await waitUntil(() => signals[0], { what: "the handler" });
    client.resetAndDestroy();
    await waitUntil(() => signals[0]?.aborted, { what: "the signal" });
    assert.deepEqual(observer.events, ["request", "abort /"]);
    await waitUntil(() => listener.count === 0, { what: "the end" });
  });

  test("cuts off a client that never reads its answer", async () => {
    const body = Buffer.alloc(32 * 1_048_576);
    const { address, listener } = await serveHttp(
      () => new HttpResponse(body),
      { writeTimeoutMs: 300 },
    );
    const client = connect(address);
    client.on("error", () => {});
    client.pause();
    client.write(GET + GET);
    await once(client, "connect");
    await waitUntil(() => listener.count === 1, { what: "the connection" });
    await waitUntil(() => listener.count === 0, { what: "the cut" });
    client.destroy();
  });

  test("§9.3 closes silently when it is idle for too long", async () => {
    const limits = { keepAliveTimeoutMs: 100 };
    const { address } = await serveHttp(() => text("x"), { limits });
    const result = await exchange(address, GET, { untilClosed: true });
    assert.equal(result.responses.length, 1);
    assert.equal(result.ending, "fin");
    assert.equal(result.isPartial, false);
  });
});
