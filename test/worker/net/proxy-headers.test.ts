import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Duplex } from "node:stream";
import { describe, type TestContext, test } from "node:test";
import tls from "node:tls";
import { addressList } from "../../../src/shared/addresses/address-list.ts";
import type { ConnectionLimit } from "../../../src/worker/net/listener.ts";
import type { ProxyHeaderOptions } from "../../../src/worker/net/proxy-headers.ts";
import type { ServeOptions } from "../../support/open-listener.ts";
import {
  COMMANDS,
  FAMILIES,
  proxyBlock,
  tlsVector,
  unixAddresses,
  v4Addresses,
  withChecksum,
} from "../../support/proxy-header-text.ts";
import { connect } from "../../support/server-address.ts";
import { connectWire, secureWire } from "../../support/tls-client.ts";
import { TRUSTING, tlsOptions } from "../../support/tls-fixtures.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serve } from "./served.ts";
import { TestProtocol } from "./test-protocol.ts";

const LINE = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n";
const BLOCK = withChecksum({
  family: FAMILIES.INET,
  addresses: v4Addresses("192.0.2.1", "192.0.2.2"),
  vectors: [tlsVector(1)],
});

type Given = ServeOptions & {
  readonly trusted?: readonly string[];
  readonly maxHeaderBytes?: number;
  readonly headerTimeoutMs?: number;
};

/** Serves an echo behind proxies, and keeps what failed. */
async function serveBehindProxies(given: Given = {}) {
  const { trusted = ["127.0.0.1", "unix"], ...options } = given;
  const protocols: TestProtocol[] = [];
  const failures: string[] = [];
  const proxyHeaders: ProxyHeaderOptions = {
    trusted: addressList("trustProxy", trusted),
    maxHeaderBytes: given.maxHeaderBytes ?? 4_096,
    headerTimeoutMs: given.headerTimeoutMs ?? 5_000,
    onHeaderFailed: (reason) => failures.push(reason),
  };
  const factory: Parameters<typeof serve>[0] = (transport) => {
    const protocol = new TestProtocol(transport);
    protocol.onReceived = (text) => transport.send(text);
    protocol.onEnded = () => transport.close();
    protocols.push(protocol);
    return protocol;
  };
  const served = await serve(factory, { proxyHeaders, ...options });
  return { ...served, protocols, failures };
}

type Served = Awaited<ReturnType<typeof serveBehindProxies>>;

/** Also by a reset, as when the server has not read all. */
function closed(client: net.Socket): Promise<unknown> {
  client.on("error", () => {});
  return new Promise((resolve) => client.resume().once("close", resolve));
}

/** What comes back, up to the end. */
async function sendAndRead(client: net.Socket, bytes: string) {
  const chunks: Buffer[] = [];
  client.on("data", (chunk) => chunks.push(chunk));
  client.end(bytes, "latin1");
  await closed(client);
  return Buffer.concat(chunks).toString("latin1");
}

/** Sends, and waits until the other side closes; then nothing has come. */
async function assertClosed(served: Served, bytes: string): Promise<void> {
  const client = connectWire(served.address);
  let received = 0;
  client.on("data", ({ length }) => {
    received += length;
  });
  client.write(bytes, "latin1");
  await closed(client);
  assert.equal(received, 0);
  assert.equal(served.protocols.length, 0);
  const isGone = () => served.listener.count === 0;
  await waitUntil(isGone, { what: "the connection to be gone" });
}

function socketPathFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "proxied-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return path.join(folder, "web.sock");
}

/** What is written goes to the wire; the first piece together with a header. */
function after(header: string, wire: net.Socket): Duplex {
  let before = Buffer.from(header, "latin1");
  const stream = new Duplex({
    read: () => wire.resume(),
    write: (chunk, _encoding, done) => {
      wire.write(Buffer.concat([before, chunk]), done);
      before = Buffer.alloc(0);
    },
    destroy: (error, done) => {
      wire.destroy();
      done(error);
    },
  });
  wire.on("data", (chunk) => stream.push(chunk));
  wire.on("end", () => stream.push(null));
  return stream;
}

const opened = (served: Served) =>
  waitUntil(() => served.listener.count === 1, { what: "the connection" });

describe("a PROXY header", () => {
  for (const scheduling of ["balanced", "shared"] as const) {
    test(`names the client, ${scheduling}`, async (t) => {
      for (const socketPath of [undefined, socketPathFor(t)]) {
        const where = socketPath === undefined ? {} : { socketPath };
        const served = await serveBehindProxies({ scheduling, ...where });
        const client = connect(served.address);
        assert.equal(await sendAndRead(client, `${LINE}hello`), "hello");
        const { transport } = served.protocols[0] as TestProtocol;
        assert.equal(transport.remoteAddress, "192.0.2.1");
        assert.equal(transport.isEncrypted, false);
        assert.equal(transport.isClientEncrypted, false);
        assert.equal(transport.isClientUnknown, false);
        assert.equal(transport.clientSocket, undefined);
        assert.deepEqual(served.failures, []);
      }
    });
  }

  test("tells that the client spoke TLS", async () => {
    const { address, protocols } = await serveBehindProxies();
    assert.equal(await sendAndRead(connect(address), `${BLOCK}x`), "x");
    const { transport } = protocols[0] as TestProtocol;
    assert.equal(transport.isEncrypted, false);
    assert.equal(transport.isClientEncrypted, true);
  });

  test("may come in pieces, and from there on nothing is one", async () => {
    for (const header of [LINE, BLOCK]) {
      const { address, protocols } = await serveBehindProxies();
      const client = connect(address);
      for (const byte of `${header}x`) {
        client.write(byte, "latin1");
        await new Promise(setImmediate);
      }
      assert.equal((await once(client, "data")).toString(), "x");
      assert.equal(await sendAndRead(client, LINE), LINE);
      assert.equal(protocols[0]?.transport.remoteAddress, "192.0.2.1");
    }
  });

  test("may have large chunks behind it", async () => {
    const { address, protocols } = await serveBehindProxies();
    const body = "0123456789".repeat(100_000);
    const received = await sendAndRead(connect(address), BLOCK + body);
    assert.ok(received === body, `${received.length} bytes came back`);
    assert.equal(protocols[0]?.receivedBytes, body.length);
  });

  test("is of TLS connections the first thing, too", async () => {
    for (const header of [LINE, BLOCK]) {
      const { address, protocols, listener } = await serveBehindProxies({
        tls: tlsOptions(),
      });
      const wire = connectWire(address);
      wire.write(header, "latin1");
      const client = secureWire(wire, TRUSTING);
      assert.equal(await sendAndRead(client, "hello"), "hello");
      const { transport } = protocols[0] as TestProtocol;
      assert.equal(transport.remoteAddress, "192.0.2.1");
      assert.equal(transport.isEncrypted, true);
      assert.equal(transport.isClientEncrypted, true);
      await waitUntil(() => listener.count === 0, { what: "the end" });
    }
  });

  test("may have a TLS handshake in the same chunk", async (t) => {
    const socketPath = socketPathFor(t);
    for (const where of [{}, { socketPath }]) {
      const served = await serveBehindProxies({ tls: tlsOptions(), ...where });
      const wire = connectWire(served.address);
      const client = tls.connect({ ...TRUSTING, socket: after(BLOCK, wire) });
      client.write("hello");
      assert.equal((await once(client, "data")).toString(), "hello");
      assert.equal(served.protocols[0]?.transport.remoteAddress, "192.0.2.1");
      client.destroy();
    }
  });

  test("of the proxy itself leaves the peer's address", async () => {
    const local = { command: COMMANDS.LOCAL, family: FAMILIES.UNSPEC };
    for (const header of [proxyBlock(local), "PROXY UNKNOWN\r\n"]) {
      const { address, protocols } = await serveBehindProxies();
      const client = connect(address);
      client.write(`${header}x`, "latin1");
      await once(client, "data");
      const { transport } = protocols[0] as TestProtocol;
      assert.equal(transport.remoteAddress, "127.0.0.1");
      assert.equal(transport.isClientUnknown, true);
      assert.ok(transport.clientSocket instanceof net.Socket);
      client.destroy();
    }
  });

  test("of a client on a unix socket leaves no address", async () => {
    const { address, protocols } = await serveBehindProxies();
    const addresses = unixAddresses("/run/a.sock", "/run/b.sock");
    const header = proxyBlock({ family: FAMILIES.UNIX, addresses });
    assert.equal(await sendAndRead(connect(address), `${header}x`), "x");
    assert.equal(protocols[0]?.transport.remoteAddress, undefined);
  });
});

describe("a connection whose PROXY header has not come", () => {
  test("is open and idle, and dropped like others", async () => {
    for (const given of [{}, { tls: tlsOptions() }]) {
      const served = await serveBehindProxies(given);
      const client = connectWire(served.address);
      client.write("PROXY TCP4");
      await opened(served);
      assert.equal(served.listener.idleCount, 1);
      assert.equal(served.listener.servedCount, 0);
      assert.equal(served.listener.abortAll(), 0);
      await closed(client);
      const isGone = () => served.listener.count === 0;
      await waitUntil(isGone, { what: "its end" });
      assert.deepEqual(served.failures, []);
      assert.equal(served.counts.changes, 2);
    }
  });

  test("is served in a shutdown, and notified of it", async () => {
    const served = await serveBehindProxies();
    const client = connect(served.address);
    client.write("PROXY ");
    await opened(served);
    served.listener.shutdown(1_234);
    client.write("UNKNOWN\r\nlate");
    assert.equal(String((await once(client, "data"))[0]), "late");
    assert.deepEqual(served.protocols[0]?.events, ["shutdown 1234"]);
    client.destroy();
  });

  test("counts for the limit of connections", async () => {
    let dropped = 0;
    const surplus: string[] = [];
    const limit: ConnectionLimit = {
      max: 1,
      maxSurplus: 1,
      protocol: (transport) => {
        surplus.push(String(transport.remoteAddress));
        transport.send("too many");
        transport.close();
        return new TestProtocol(transport);
      },
      onDropped: () => dropped++,
    };
    const served = await serveBehindProxies({ limit });
    const first = connect(served.address);
    first.write(`${LINE}x`);
    await once(first, "data");
    const second = connect(served.address);
    second.write("PROXY");
    const areTwo = () => served.listener.count === 2;
    await waitUntil(areTwo, { what: "two connections" });
    assert.equal(await sendAndRead(connect(served.address), LINE), "");
    assert.equal(dropped, 1);
    assert.equal(await sendAndRead(second, LINE.slice(5)), "too many");
    assert.deepEqual(surplus, ["192.0.2.1"]);
    first.destroy();
  });
});

describe("a connection without a valid PROXY header is closed", () => {
  const bad: [what: string, bytes: string, reason: string][] = [
    ["that begins with a request", "GET / HTTP/1.1\r\n\r\n", "malformed"],
    ["whose line is wrong", `${LINE.replace("TCP4", "TCP6")}x`, "malformed"],
    ["whose line is too long", "PROXY TCP4 ".padEnd(200, "1"), "too_long"],
    ["whose checksum is wrong", `${BLOCK.slice(0, -1)}?x`, "checksum"],
    [
      "whose header is too long",
      proxyBlock({ family: FAMILIES.UNIX, addresses: "x".repeat(300) }),
      "too_long",
    ],
  ];
  for (const [what, bytes, reason] of bad) {
    test(what, async () => {
      for (const given of [{}, { tls: tlsOptions() }]) {
        const served = await serveBehindProxies({
          ...given,
          maxHeaderBytes: 300,
        });
        await assertClosed(served, bytes);
        assert.deepEqual(served.failures, [reason]);
      }
    });
  }

  test("that begins with a TLS handshake", async () => {
    const served = await serveBehindProxies({ tls: tlsOptions() });
    const client = connect(served.address);
    await assert.rejects(once(client, "secureConnect"));
    assert.deepEqual(served.failures, ["malformed"]);
  });

  test("that is silent, or slow", async () => {
    for (const given of [{}, { tls: tlsOptions() }]) {
      const headerTimeoutMs = 100;
      const served = await serveBehindProxies({ ...given, headerTimeoutMs });
      const client = connectWire(served.address);
      let sent = 0;
      const timer = setInterval(() => client.write(LINE[sent++] ?? ""), 30);
      await closed(client).finally(() => clearInterval(timer));
      assert.deepEqual(served.failures, ["timeout"]);
      await assertClosed(served, "");
      assert.deepEqual(served.failures, ["timeout", "timeout"]);
    }
  });

  test("that ends before, or is reset", async () => {
    for (const given of [{}, { tls: tlsOptions() }]) {
      const served = await serveBehindProxies(given);
      for (const begin of ["", LINE.slice(0, -1)]) {
        const client = connectWire(served.address);
        assert.equal(await sendAndRead(client, begin), "");
      }
      const client = connectWire(served.address);
      client.write("PROXY");
      await opened(served);
      client.resetAndDestroy();
      const isGone = () => served.listener.count === 0;
      await waitUntil(isGone, { what: "its end" });
      assert.deepEqual(served.failures, Array(3).fill("client_left"));
      assert.equal(served.protocols.length, 0);
    }
  });

  test("from a peer that is not trusted", async (t) => {
    const socketPath = socketPathFor(t);
    for (const given of [
      { trusted: ["192.0.2.0/24", "unix"] },
      { trusted: ["127.0.0.1", "::1"], socketPath },
      { trusted: ["127.0.0.2"], tls: tlsOptions() },
    ]) {
      const served = await serveBehindProxies(given);
      await assertClosed(served, `${LINE}x`);
      assert.deepEqual(served.failures, ["untrusted_peer"]);
    }
  });

  test("that is trusted by a network's address", async () => {
    const trusted = ["127.0.0.0/8"];
    const { address } = await serveBehindProxies({ trusted });
    assert.equal(await sendAndRead(connect(address), `${LINE}x`), "x");
  });
});
