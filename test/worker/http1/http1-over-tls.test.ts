import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { describe, test } from "node:test";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { text } from "../../../src/worker/http/response-helpers.ts";
import { UpgradeResponse } from "../../../src/worker/http/upgrade-response.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect, type ServerAddress } from "../../support/server-address.ts";
import { connectWire, secureWire } from "../../support/tls-client.ts";
import { TRUSTING, tlsOptions } from "../../support/tls-fixtures.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serveHttp } from "./served-http1.ts";
import { requestOf } from "./test-connection.ts";

const GET = requestOf("GET /");
const MB = 1_048_576;

function serveHttps(
  handler: Parameters<typeof serveHttp>[0],
  options: Parameters<typeof serveHttp>[1] = {},
) {
  return serveHttp(handler, { ...options, tls: tlsOptions() });
}

describe("HTTP over TLS", () => {
  for (const scheduling of ["shared", "balanced"] as const) {
    test(`§9.6 answers a client that sends on: ${scheduling}`, async () => {
      const never = () => assert.fail("a handler");
      const { address } = await serveHttps(never, { scheduling });
      const request = requestOf("POST /", [], "x".repeat(3 * MB));
      for (let round = 0; round < 10; round++) {
        const result = await exchange(address, request, { untilClosed: true });
        assert.equal(result.responses[0]?.status, 413, `round ${round}`);
        assert.equal(result.responses.length, 1);
        assert.equal(result.ending, "fin", `round ${round}`);
      }
    });
  }

  test("tells handlers its protocol", async () => {
    const echo = ({ protocol }: { protocol: string }) => text(protocol);
    for (const [serveIt, protocol] of [
      [serveHttps, "https"],
      [serveHttp, "http"],
    ] as const) {
      const { address } = await serveIt(echo);
      const { responses } = await exchange(address, GET, { responses: 1 });
      assert.equal(responses[0]?.body.toString(), protocol);
    }
  });

  test("§9.3.2 answers a pipeline larger than all buffers", async () => {
    const body = "x".repeat(100_000);
    const { address } = await serveHttps(() => text(body));
    const options = { responses: 300, timeoutMs: 20_000 };
    const result = await exchange(address, GET.repeat(300), options);
    assert.equal(result.responses.length, 300);
  });

  test("§9.6 answers a client that has sent all", async () => {
    const { address } = await serveHttps(async (request) => {
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

  test("§8 shows by a reset that a stream failed", async () => {
    const half = deferred();
    async function* failing() {
      yield "half";
      await half.promise;
      throw new Error("disk gone");
    }
    const { address } = await serveHttps(() => new HttpResponse(failing()));
    const client = connect(address);
    client.write(GET);
    let received = "";
    client.on("data", (chunk) => {
      received += chunk;
      if (received.includes("half")) half.resolve();
    });
    await assert.rejects(once(client, "end"), { code: "ECONNRESET" });
  });

  test("RFC 9110 §7.8 is handed over to another protocol", async () => {
    const { address } = await serveHttps(() => {
      return new UpgradeResponse((socket, head) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        socket.write(head);
        socket.pipe(socket);
      });
    });
    const client = connect(address);
    const asked = ["Connection: Upgrade", "Upgrade: echo"];
    const sent = "no HTTP\n".repeat(100_000);
    client.write(`${requestOf("GET /", asked)}head `);
    let received = "";
    client.on("data", (chunk) => {
      received += chunk;
    });
    const isSwitched = () => received.endsWith("\r\n\r\nhead ");
    await waitUntil(isSwitched, { what: "the other protocol" });
    client.end(sent);
    await once(client, "end");
    assert.equal(received.endsWith(`head ${sent}`), true);
  });

  test("tells the handler when its client has left", async () => {
    const signals: AbortSignal[] = [];
    const { address, observer, listener } = await serveHttps((request) => {
      signals.push(request.signal);
      return new Promise(() => {});
    });
    const wire = connectWire(address);
    secureWire(wire, TRUSTING).write(GET);
    await waitUntil(() => signals[0], { what: "the handler" });
    wire.resetAndDestroy();
    await waitUntil(() => signals[0]?.aborted, { what: "the signal" });
    assert.deepEqual(observer.events, ["request", "abort /"]);
    await waitUntil(() => listener.count === 0, { what: "the end" });
  });
});

/** A TLS 1.2 record: RFC 5246 §6.2.1, with its type in the clear. */
interface TlsRecord {
  readonly type: number;
  readonly bytes: number;
}

const ALERT = 21;
const APPLICATION_DATA = 23;

/** Stands between a client and the server, and keeps what the server sends. */
async function tapOf(address: ServerAddress) {
  assert.ok("port" in address);
  const { port } = address;
  const chunks: Buffer[] = [];
  const tap = net.createServer((client) => {
    const server = net.connect(port, "127.0.0.1");
    server.on("data", (chunk) => chunks.push(chunk));
    client.pipe(server).pipe(client);
  });
  tap.listen(0, "127.0.0.1");
  await once(tap, "listening");
  const tls = { ...TRUSTING, maxVersion: "TLSv1.2" } as const;
  return {
    address: { port: (tap.address() as net.AddressInfo).port, tls },
    close: () => tap.close(),
    records: () => recordsIn(Buffer.concat(chunks)),
  };
}

function recordsIn(bytes: Buffer): TlsRecord[] {
  const records: TlsRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16BE(at + 3);
    records.push({ type: bytes.readUInt8(at), bytes: length });
    at += 5 + length;
  }
  return records;
}

describe("the records of TLS", () => {
  test("§9.8 say that the connection closes before it does", async (t) => {
    const { address } = await serveHttps(() => text("x"));
    const tap = await tapOf(address);
    t.after(tap.close);
    const request = requestOf("GET /", ["Connection: close"]);
    await exchange(tap.address, request, { untilClosed: true });
    const types = tap.records().map(({ type }) => type);
    assert.deepEqual(types.slice(-2), [APPLICATION_DATA, ALERT]);
  });

  test("are one for all answers of a pipeline", async (t) => {
    const { address } = await serveHttps(() => text("x"));
    const tap = await tapOf(address);
    t.after(tap.close);
    await exchange(tap.address, GET.repeat(10), { responses: 10 });
    const data = tap.records().filter(({ type }) => type === APPLICATION_DATA);
    assert.equal(data.length, 1);
  });

  test("are one for a head and the bytes of its content", async (t) => {
    const body = Buffer.alloc(1_000, "x");
    const { address } = await serveHttps(() => new HttpResponse(body));
    const tap = await tapOf(address);
    t.after(tap.close);
    await exchange(tap.address, GET, { responses: 1 });
    const data = tap.records().filter(({ type }) => type === APPLICATION_DATA);
    assert.equal(data.length, 1);
  });
});
