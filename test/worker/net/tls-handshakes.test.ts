import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { describe, test } from "node:test";
import tls from "node:tls";
import type { HandshakeFailure } from "../../../src/worker/net/tls-handshakes.ts";
import { connect, type ServerAddress } from "../../support/server-address.ts";
import { connectWire, secureWire } from "../../support/tls-client.ts";
import {
  readTlsFixture,
  TRUSTING,
  tlsOptions,
} from "../../support/tls-fixtures.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serve } from "./served.ts";
import { TestProtocol } from "./test-protocol.ts";

/** Serves an echo over TLS, and keeps what failed. */
async function serveTls(given: Parameters<typeof tlsOptions>[0] = {}) {
  const protocols: TestProtocol[] = [];
  const failures: HandshakeFailure[] = [];
  const served = await serve(
    (transport) => {
      const protocol = new TestProtocol(transport);
      protocol.onReceived = (text) => transport.send(text);
      protocols.push(protocol);
      return protocol;
    },
    {
      tls: tlsOptions({
        onHandshakeFailed: (reason) => failures.push(reason),
        ...given,
      }),
    },
  );
  return { ...served, protocols, failures };
}

function connectWith(
  address: ServerAddress,
  options: tls.ConnectionOptions,
): tls.TLSSocket {
  const tlsWith = { ...TRUSTING, ...options };
  return connect({ ...address, tls: tlsWith }) as tls.TLSSocket;
}

/** What comes back for a byte, or the code of the error instead. */
async function tryEcho(
  address: ServerAddress,
  options: tls.ConnectionOptions = {},
): Promise<string | undefined> {
  const client = connectWith(address, options);
  client.on("secureConnect", () => client.write("x"));
  const echoed = once(client, "data").then(([chunk]) => String(chunk));
  const closed = new Promise<string>((resolve) => {
    client.on("close", () => resolve("closed"));
  });
  const failed = echoed.catch(({ code }: NodeJS.ErrnoException) => code);
  const result = await Promise.race([failed, closed]);
  client.destroy();
  return result;
}

/** The first bytes that a TLS client sends. */
async function clientHello(): Promise<Buffer> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: "127.0.0.1" });
  client.on("error", () => {});
  const [socket] = (await once(server, "connection")) as [net.Socket];
  const [hello] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

describe("a TLS handshake", () => {
  test("makes a connection that is known as encrypted", async () => {
    const { address, protocols, listener, counts } = await serveTls();
    const client = connectWith(address, {});
    await once(client, "secureConnect");
    await waitUntil(() => protocols.length === 1, { what: "the connection" });
    assert.equal(protocols[0]?.transport.isEncrypted, true);
    assert.equal(protocols[0]?.transport.remoteAddress, "127.0.0.1");
    assert.equal(listener.count, 1);
    assert.equal(counts.changes, 1);
    client.destroy();
  });

  test("sends the chain of the certificate", async () => {
    const { address } = await serveTls();
    const client = connectWith(address, {});
    await once(client, "secureConnect");
    const { issuerCertificate } = client.getPeerCertificate(true);
    assert.equal(issuerCertificate.subject.CN, "Remuda tests intermediate");
    client.destroy();
  });

  test("RFC 7301 settles on http/1.1, and refuses other protocols", async () => {
    const { address, failures } = await serveTls();
    const client = connectWith(address, { ALPNProtocols: ["h2", "http/1.1"] });
    client.write("x");
    await once(client, "data");
    assert.equal(client.alpnProtocol, "http/1.1");
    client.destroy();
    assert.match(
      String(await tryEcho(address, { ALPNProtocols: ["h2"] })),
      /NO_APPLICATION_PROTOCOL/,
    );
    await waitUntil(() => failures.length > 0, { what: "the failure" });
    assert.deepEqual(failures, ["other"]);
  });

  for (const [minVersion, refused] of [
    ["TLSv1.2", "TLSv1.1"],
    ["TLSv1.3", "TLSv1.2"],
  ] as const) {
    test(`at ${minVersion} refuses ${refused}`, async () => {
      const { address, failures } = await serveTls({ minVersion });
      assert.equal(await tryEcho(address, { minVersion }), "x");
      const old = { minVersion: refused, maxVersion: refused };
      // A client's OpenSSL refuses old versions itself, unless told not to.
      const ciphers = "DEFAULT:@SECLEVEL=0";
      assert.notEqual(await tryEcho(address, { ...old, ciphers }), "x");
      await waitUntil(() => failures.length > 0, { what: "the failure" });
      assert.deepEqual(failures, ["other"]);
    });
  }

  test("RFC 9325 §4.1 refuses ciphers without forward secrecy", async () => {
    const { address } = await serveTls();
    const maxVersion = "TLSv1.2";
    for (const ciphers of ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"]) {
      const result = await tryEcho(address, { maxVersion, ciphers });
      assert.match(String(result), /HANDSHAKE_FAILURE/, ciphers);
    }
  });

  test("RFC 9325 §3.5 is never done again on the same connection", async () => {
    const { address, protocols } = await serveTls();
    const client = connectWith(address, { maxVersion: "TLSv1.2" });
    await once(client, "secureConnect");
    const failed = once(client, "error");
    client.renegotiate({}, () => {});
    const [{ code }] = await failed;
    assert.equal(code, "ERR_SSL_NO_RENEGOTIATION");
    assert.equal(protocols.length, 1);
    client.destroy();
  });

  test("counts as an idle connection while it goes on", async () => {
    const { address, listener, protocols } = await serveTls();
    const client = connectWire(address);
    await waitUntil(() => listener.count === 1, { what: "the connection" });
    assert.equal(listener.idleCount, 1);
    assert.equal(protocols.length, 0);
    assert.equal(listener.abortAll(), 0);
    await once(client.resume(), "close");
    await waitUntil(() => listener.count === 0, { what: "its end" });
  });

  test("continues during a shutdown, and is notified of it", async () => {
    const { address, listener, protocols } = await serveTls();
    const raw = connectWire(address);
    await waitUntil(() => listener.count === 1, { what: "the connection" });
    listener.shutdown(1_234);
    const client = secureWire(raw, TRUSTING);
    client.write("late");
    assert.equal(String((await once(client, "data"))[0]), "late");
    assert.deepEqual(protocols[0]?.events, ["shutdown 1234"]);
    client.destroy();
  });
});

describe("a TLS handshake that fails", () => {
  test("because it takes too long ends the connection", async () => {
    const { address, failures, counts } = await serveTls({
      handshakeTimeoutMs: 200,
    });
    const client = connectWire(address);
    await once(client.resume(), "close");
    assert.deepEqual(failures, ["timeout"]);
    await waitUntil(() => counts.changes === 2, { what: "the end" });
  });

  test("is not saved by a client that sends a byte at a time", async () => {
    const hello = await clientHello();
    const { address, failures } = await serveTls({ handshakeTimeoutMs: 300 });
    const client = connectWire(address);
    client.on("error", () => {});
    let sent = 0;
    const timer = setInterval(() => {
      client.write(hello.subarray(sent, ++sent));
    }, 20);
    await once(client.resume(), "close");
    clearInterval(timer);
    assert.ok(sent < hello.length, `${sent} of ${hello.length}`);
    assert.deepEqual(failures, ["timeout"]);
  });

  test("because a client speaks plain HTTP is quiet", async () => {
    const { address, failures, protocols } = await serveTls();
    const client = connectWire(address);
    client.end("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let received = 0;
    client.on("data", (chunk) => {
      received += chunk.length;
    });
    await once(client, "close");
    assert.equal(received, 0);
    assert.equal(protocols.length, 0);
    assert.deepEqual(failures, ["plain_http"]);
  });

  test("because the client has left is reported at once", async () => {
    const { address, failures, listener } = await serveTls();
    const hello = await clientHello();
    for (const begin of [Buffer.alloc(0), hello.subarray(0, 50), hello]) {
      const client = connectWire(address);
      await once(client, "connect");
      client.end(begin);
      await once(client.resume(), "close");
      await waitUntil(() => listener.count === 0, { what: "its end" });
    }
    assert.deepEqual(failures, Array(3).fill("client_left"));
  });

  test("because a client sends garbage says so", async () => {
    const { address, failures } = await serveTls();
    const client = connectWire(address);
    client.on("error", () => {});
    client.write(randomBytes(5).fill(0));
    client.write("x".repeat(1_000));
    await once(client.resume(), "close");
    assert.deepEqual(failures, ["other"]);
  });
});

describe("client certificates", () => {
  const mine = {
    cert: readTlsFixture("client.pem"),
    key: readTlsFixture("client.key"),
  };
  const stranger = {
    cert: readTlsFixture("stranger.pem"),
    key: readTlsFixture("stranger.key"),
  };
  const ca = [readTlsFixture("ca.pem")];

  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`must be of one of the authorities: ${maxVersion}`, async () => {
      const { address, failures, protocols } = await serveTls({ ca });
      assert.equal(await tryEcho(address, { maxVersion, ...mine }), "x");
      assert.notEqual(await tryEcho(address, { maxVersion }), "x");
      assert.notEqual(await tryEcho(address, { maxVersion, ...stranger }), "x");
      await waitUntil(() => failures.length === 2, { what: "the failures" });
      assert.deepEqual(failures, Array(2).fill("client_certificate"));
      assert.equal(protocols.length, 1);
    });
  }

  test("are not asked for without authorities", async () => {
    const { address } = await serveTls();
    assert.equal(await tryEcho(address), "x");
    assert.equal(await tryEcho(address, stranger), "x");
  });
});

describe("TLS sessions", () => {
  /** A session that the server gave, with its ticket. */
  async function sessionOf(
    address: ServerAddress,
    maxVersion: tls.SecureVersion,
  ): Promise<Buffer> {
    const client = connectWith(address, { maxVersion });
    const session = once(client, "session");
    client.write("x");
    await once(client, "data");
    const [ticket] = await session;
    client.destroy();
    return ticket;
  }

  async function isResumed(
    address: ServerAddress,
    session: Buffer,
    maxVersion: tls.SecureVersion,
  ): Promise<boolean> {
    const client = connectWith(address, { maxVersion, session });
    await once(client, "secureConnect");
    const resumed = client.isSessionReused();
    client.destroy();
    return resumed;
  }

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`are resumed by workers that share the ticket keys: ${version}`, async () => {
      const ticketKeys = randomBytes(48);
      const one = await serveTls({ ticketKeys });
      const other = await serveTls({ ticketKeys });
      const stranger = await serveTls();
      const session = await sessionOf(one.address, version);
      assert.equal(await isResumed(one.address, session, version), true);
      assert.equal(await isResumed(other.address, session, version), true);
      assert.equal(await isResumed(stranger.address, session, version), false);
    });

    test(`are not resumed where a certificate is required: ${version}`, async () => {
      const ticketKeys = randomBytes(48);
      const open = await serveTls({ ticketKeys });
      const ca = [readTlsFixture("ca.pem")];
      const guarded = await serveTls({ ticketKeys, ca });
      const session = await sessionOf(open.address, version);
      const client = connectWith(guarded.address, {
        maxVersion: version,
        session,
      });
      const closed = new Promise((resolve) => client.once("close", resolve));
      client.on("error", () => {});
      let received = "";
      client.on("data", (chunk) => {
        received += chunk;
        client.destroy();
      });
      client.write("x");
      await closed;
      assert.equal(received, "");
      assert.equal(await isResumed(open.address, session, version), true);
    });

    test(`are resumed no more with new ticket keys: ${version}`, async () => {
      const { address, listener } = await serveTls();
      const session = await sessionOf(address, version);
      const keys = randomBytes(48);
      listener.setTicketKeys(keys);
      assert.equal(await isResumed(address, session, version), false);
      const renewed = await sessionOf(address, version);
      assert.equal(await isResumed(address, renewed, version), true);
      const other = await serveTls({ ticketKeys: keys });
      assert.equal(await isResumed(other.address, renewed, version), true);
    });
  }
});
