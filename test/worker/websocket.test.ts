import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { describe, test } from "node:test";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { addressList } from "../../src/shared/addresses/address-list.ts";
import { incomingMessage } from "../../src/worker/adapters/incoming-message.ts";
import { App } from "../../src/worker/app/app.ts";
import { ok } from "../../src/worker/http/response-helpers.ts";
import { connectWire, secureWire } from "../support/tls-client.ts";
import { TRUSTING, tlsOptions } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";
import { serveHttp } from "./http1/served-http1.ts";
import type { ServeOptions } from "./net/served.ts";

/** A server that sends every message back, by the ws package. */
async function serveEcho(options: ServeOptions = {}) {
  const sockets = new WebSocketServer({ noServer: true });
  const signals: AbortSignal[] = [];
  const addresses: (string | undefined)[] = [];
  const app = new App();
  app.get("/echo", () => ok("plain"));
  app.upgrade("/echo", (request, socket, head) => {
    signals.push(request.signal);
    addresses.push(request.remoteAddress);
    const message = incomingMessage(request, socket);
    sockets.handleUpgrade(message, socket, head, (client) => {
      client.on("message", (data: RawData, isBinary: boolean) => {
        client.send(data, { binary: isBinary });
      });
      request.signal.addEventListener("abort", () => client.close(1001));
    });
  });
  const served = await serveHttp(app.handle.bind(app), options);
  return { ...served, signals, addresses };
}

function urlOf({ address }: Awaited<ReturnType<typeof serveEcho>>): string {
  assert("port" in address);
  return `ws://127.0.0.1:${address.port}/echo`;
}

async function echoOf(client: WebSocket, message: string | Buffer) {
  client.send(message);
  const [data] = (await once(client, "message")) as [Buffer];
  return typeof message === "string" ? data.toString() : data;
}

for (const scheduling of ["shared", "balanced"] as const) {
  describe(`a WebSocket, ${scheduling}`, () => {
    test("sends messages both ways and closes in order", async () => {
      const served = await serveEcho({ scheduling });
      const client = new WebSocket(urlOf(served));
      await once(client, "open");
      assert.equal(await echoOf(client, "héllo"), "héllo");
      const large = Buffer.alloc(3_000_000, 7);
      assert.deepEqual(await echoOf(client, large), large);
      client.close(1000, "bye");
      const [code] = await once(client, "close");
      assert.equal(code, 1000);
      const what = "the connection to be forgotten";
      await waitUntil(() => served.listener.count === 0, { what });
      assert.equal(served.signals[0]?.aborted, true);
    });
  });
}

describe("a WebSocket", () => {
  test("can say good-bye when the worker leaves", async () => {
    const served = await serveEcho();
    const client = new WebSocket(urlOf(served));
    await once(client, "open");
    served.listener.shutdown(5_000);
    const [code] = await once(client, "close");
    assert.equal(code, 1001);
  });

  test("knows its client behind the PROXY protocol", async () => {
    for (const tls of [undefined, tlsOptions()]) {
      const served = await serveEcho({
        ...(tls && { tls }),
        proxyHeaders: {
          trusted: addressList("trustProxy", ["127.0.0.1"]),
          maxHeaderBytes: 232,
          headerTimeoutMs: 5_000,
          onHeaderFailed: (reason) => assert.fail(reason),
        },
      });
      const wire = connectWire(served.address);
      wire.write("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n");
      const createConnection = () => (tls ? secureWire(wire, TRUSTING) : wire);
      const client = new WebSocket(urlOf(served), { createConnection });
      await once(client, "open");
      assert.deepEqual(served.addresses, ["2001:db8::1"]);
      const large = Buffer.alloc(300_000, 7);
      assert.deepEqual(await echoOf(client, large), large);
      client.close(1000);
      await once(client, "close");
    }
  });

  test("is cut off at the end, and counts as in flight", async () => {
    const served = await serveEcho();
    const client = new WebSocket(urlOf(served));
    await once(client, "open");
    client.on("error", () => {});
    const closed = once(client, "close");
    assert.equal(served.listener.idleCount, 0);
    assert.equal(served.listener.abortAll(), 1);
    const [code] = await closed;
    assert.equal(code, 1006);
  });

  test("is over when both sides have ended, also while it is paused", async () => {
    const app = new App();
    app.upgrade("/", (_, socket) => {
      // As a proxy whose other side has closed, so that it reads no more.
      socket.pause().end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    });
    const served = await serveHttp(app.handle.bind(app));
    assert("port" in served.address);
    const client = net.connect(served.address.port, "127.0.0.1");
    const fields = ["Host: h", "Connection: upgrade", "Upgrade: websocket"];
    client.write(`GET / HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
    await once(client.resume(), "close");
    const what = "the connection to be forgotten";
    await waitUntil(() => served.listener.count === 0, { what });
  });

  test("gets what was sent with the request for it", async () => {
    const served = await serveEcho();
    assert("port" in served.address);
    const socket = net.connect(served.address.port, "127.0.0.1");
    const fields = [
      "GET /echo HTTP/1.1",
      "Host: h",
      "Connection: keep-alive, Upgrade",
      "Upgrade: WebSocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    // A masked text frame of "hi", with a mask of zeros (RFC 6455 §5.2).
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    const head = Buffer.from(`${fields.join("\r\n")}\r\n\r\n`);
    socket.write(Buffer.concat([head, frame]));
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
    });
    await waitUntil(() => received.endsWith("\x81\x02hi"), { what: "hi" });
    // RFC 6455 §1.3 has this key and its answer.
    assert.match(received, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(received, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK/);
    socket.destroy();
  });

  test("beside it the path still answers HTTP", async () => {
    const served = await serveEcho();
    assert("port" in served.address);
    const url = `http://127.0.0.1:${served.address.port}/echo`;
    const response = await fetch(url);
    assert.equal(await response.text(), "plain");
  });
});
