/** RFC 9112 §9 where it shows on real sockets only. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { notFound, text } from "../../src/worker/http/response-helpers.ts";
import { exchange } from "../support/raw-exchange.ts";
import { connect } from "../support/server-address.ts";
import { waitUntil } from "../support/wait-until.ts";
import { serveHttp } from "../worker/http1/served-http1.ts";
import { requestOf } from "../worker/http1/test-connection.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /");
const THREE_MB = 3 * 1_048_576;
const ROUNDS = 10;
const UNTIL_CLOSED = { untilClosed: true } as const;

for (const scheduling of ["shared", "balanced"] as const) {
  rule(
    "connection/lingering-close",
    `§9.6 says 413 to a client that sends on: ${scheduling}`,
    async () => {
      const never = () => assert.fail("a handler");
      const { address } = await serveHttp(never, { scheduling });
      const request = requestOf("POST /", [], "x".repeat(THREE_MB));
      for (let round = 0; round < ROUNDS; round++) {
        const result = await exchange(address, request, UNTIL_CLOSED);
        assert.equal(result.responses[0]?.status, 413, `round ${round}`);
        assert.equal(result.responses.length, 1);
        assert.equal(result.ending, "fin", `round ${round}`);
      }
    },
  );
}
rule(
  "connection/lingering-close",
  "§9.6 says 404 to a client that sends on",
  async () => {
    const limits = { maxBodyBytes: THREE_MB };
    const { address } = await serveHttp(() => notFound(), { limits });
    const request = requestOf("POST /", [], "x".repeat(THREE_MB));
    for (let round = 0; round < ROUNDS; round++) {
      const result = await exchange(address, request, UNTIL_CLOSED);
      assert.equal(result.responses[0]?.status, 404, `round ${round}`);
      assert.equal(result.ending, "fin", `round ${round}`);
    }
  },
);
rule(
  "connection/lingering-close",
  "§9.6 says 400 to a client that sends on garbage",
  async () => {
    const { address } = await serveHttp(() => text("x"));
    const garbage = "\x00".repeat(THREE_MB);
    for (let round = 0; round < ROUNDS; round++) {
      const result = await exchange(address, GET + garbage, UNTIL_CLOSED);
      const statuses = result.responses.map(({ status }) => status);
      assert.deepEqual(statuses, [200, 400], `round ${round}`);
      assert.equal(result.ending, "fin", `round ${round}`);
    }
  },
);
rule(
  "connection/lingering-close",
  "§9.6 reads on for its time only",
  async () => {
    const { address, listener } = await serveHttp(() => text("x"), {
      lingeringCloseTimeoutMs: 100,
    });
    assert.ok("port" in address);
    // It does not answer the FIN with its own.
    const client = net.connect({ port: address.port, allowHalfOpen: true });
    client.on("error", () => {});
    client.write("\x00");
    client.resume();
    await once(client, "end");
    assert.equal(listener.count, 1);
    await waitUntil(() => listener.count === 0, { what: "the end" });
    client.destroy();
  },
);

rule("connection/pipelining", "§9.3.2 answers 500 in a row", async () => {
  const { address } = await serveHttp(({ target }) => text(target));
  const targets = Array.from({ length: 500 }, (_, index) => `/${index}`);
  const requests = targets.map((target) => requestOf(`GET ${target}`));
  const options = { responses: targets.length };
  const result = await exchange(address, requests.join(""), options);
  const bodies = result.responses.map(({ body }) => body.toString());
  assert.deepEqual(bodies, targets);
});
rule(
  "connection/pipelining",
  "§9.3.2 answers more than all buffers hold",
  async () => {
    const body = "x".repeat(100_000);
    const { address } = await serveHttp(() => text(body));
    const options = { responses: 300, timeoutMs: 20_000 };
    const result = await exchange(address, GET.repeat(300), options);
    assert.equal(result.responses.length, 300);
  },
);

rule(
  "connection/half-close",
  "§9.6 answers a client that has ended its side",
  async () => {
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
  },
);

rule(
  "connection/write-timeout",
  "§9.5 cuts off a client that never reads its answer",
  async () => {
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
  },
);

rule("connection/idle-timeout", "§9.5 closes with FIN", async () => {
  const limits = { keepAliveTimeoutMs: 100 };
  const { address } = await serveHttp(() => text("x"), { limits });
  const result = await exchange(address, GET, UNTIL_CLOSED);
  assert.equal(result.responses.length, 1);
  assert.equal(result.ending, "fin");
  assert.equal(result.isPartial, false);
});
