import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { addressList } from "../../../src/shared/addresses/address-list.ts";
import { DescriptorReserve } from "../../../src/shared/descriptor-reserve.ts";
import type { Transport } from "../../../src/worker/net/protocol.ts";
import { connect, type ServerAddress } from "../../support/server-address.ts";
import { connectWire, secureWire } from "../../support/tls-client.ts";
import { tlsOptions } from "../../support/tls-fixtures.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { type ServeOptions, serve } from "./served.ts";
import { TestProtocol } from "./test-protocol.ts";

/** Serves test protocols, and keeps them. */
async function serveTests(
  set: (protocol: TestProtocol) => void = () => {},
  options: ServeOptions = {},
) {
  const protocols: TestProtocol[] = [];
  const factory = (transport: Transport) => {
    const protocol = new TestProtocol(transport);
    protocols.push(protocol);
    set(protocol);
    return protocol;
  };
  const served = await serve(factory, options);
  /** The protocol of the first connection, once it is there. */
  const first = async (): Promise<TestProtocol> => {
    await waitUntil(() => protocols.length > 0, { what: "a connection" });
    return protocols[0] as TestProtocol;
  };
  return { ...served, protocols, first };
}

function echo(protocol: TestProtocol): void {
  protocol.onReceived = (text) => protocol.transport.send(text);
  protocol.onEnded = () => protocol.transport.close();
}

/** Sends text and a FIN; what comes back until the server's FIN. */
async function sendAndRead(address: ServerAddress, sent: string) {
  const socket = connect(address);
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.end(sent, "latin1");
  await once(socket, "end");
  return received;
}

describe("a listener that must leave descriptors to others", () => {
  const proxyHeaders = {
    trusted: addressList("trustProxy", ["127.0.0.1"]),
    maxHeaderBytes: 536,
    headerTimeoutMs: 5_000,
    onHeaderFailed: () => assert.fail("it is not looked at"),
  };
  const kinds = {
    "in the clear": {},
    "over TLS": { tls: tlsOptions() },
    "behind a proxy": { proxyHeaders },
  };

  for (const [kind, options] of Object.entries(kinds)) {
    for (const scheduling of ["shared", "balanced"] as const) {
      test(`closes connections that would take them, ${kind}: ${scheduling}`, async () => {
        // The first one that is free here is of the upper half.
        const reserve = new DescriptorReserve(4);
        const { address, listener, dropped, protocols } = await serveTests(
          echo,
          { ...options, scheduling, reserve },
        );
        const { tls: _, ...wire } = address;
        const client = connect(wire).resume();
        await once(client, "close");
        assert.deepEqual(dropped, ["descriptors"]);
        assert.equal(listener.count, 0);
        assert.equal(protocols.length, 0);
      });
    }
  }
});

describe("a listener", () => {
  for (const scheduling of ["shared", "balanced"] as const) {
    test(`serves connections: ${scheduling}`, async () => {
      const { address, listener, counts } = await serveTests(echo, {
        scheduling,
      });
      const sent = ["a", "\xe9\xff", "x".repeat(1_000_000)];
      const received = await Promise.all(
        sent.map((text) => sendAndRead(address, text)),
      );
      assert.deepEqual(
        received.map((text, index) => text === sent[index]),
        [true, true, true],
      );
      const what = "the connections to be gone";
      await waitUntil(() => listener.count === 0, { what });
      assert.equal(counts.accepted, scheduling === "shared" ? 3 : 0);
      assert.equal(counts.changes, 6);
    });
  }

  test("serves connections of a unix socket", async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), "listener-"));
    context.after(() => rmSync(folder, { recursive: true }));
    for (const scheduling of ["shared", "balanced"] as const) {
      const socketPath = path.join(folder, scheduling);
      const { address, first } = await serveTests(echo, {
        scheduling,
        socketPath,
      });
      const client = connect(address);
      const { transport } = await first();
      assert.equal(transport.remoteAddress, "unix");
      client.destroy();
      assert.equal(await sendAndRead(address, "hello"), "hello");
    }
  });

  test("knows the address of a client", async () => {
    const { address, first } = await serveTests();
    const client = connect(address);
    const { transport } = await first();
    assert.equal(transport.remoteAddress, "127.0.0.1");
    client.destroy();
  });

  test("counts open and idle connections", async () => {
    const { address, listener, protocols } = await serveTests(echo);
    const clients = [connect(address), connect(address)];
    await waitUntil(() => listener.count === 2, { what: "two connections" });
    assert.equal(listener.idleCount, 2);
    for (const protocol of protocols) protocol.isIdle = false;
    assert.equal(listener.idleCount, 0);
    clients[0]?.end();
    await waitUntil(() => listener.count === 1, { what: "one to be gone" });
    clients[1]?.destroy();
  });

  test("in a shutdown accepts no more, and notifies open connections", async () => {
    const { address, listener, first } = await serveTests(echo);
    const client = connect(address);
    const protocol = await first();
    listener.shutdown(1_234);
    assert.deepEqual(protocol.events, ["shutdown 1234"]);
    const data = once(client, "data");
    client.write("still there");
    assert.equal(String((await data)[0]), "still there");
    client.destroy();
  });

  test("tells one that comes late of the shutdown as well", async () => {
    const { address, listener, first } = await serveTests(echo, {
      scheduling: "balanced",
    });
    listener.shutdown(1_234);
    const client = connect(address);
    const protocol = await first();
    assert.deepEqual(protocol.events, ["shutdown 1234"]);
    client.destroy();
  });

  test("drops all at once, and tells how many were busy", async () => {
    const { address, listener, protocols } = await serveTests();
    const clients = [connect(address), connect(address)];
    const ends = clients.map((client) => {
      return new Promise<string>((resolve) => {
        client.on("error", () => {});
        client.on("close", (hadError) => resolve(hadError ? "reset" : "fin"));
        client.resume();
      });
    });
    await waitUntil(() => protocols.length === 2, { what: "connections" });
    for (const protocol of protocols.slice(1)) protocol.isIdle = false;
    assert.equal(listener.abortAll(), 1);
    assert.deepEqual((await Promise.all(ends)).sort(), ["fin", "reset"]);
  });
});

for (const isEncrypted of [false, true]) {
  describe(`a connection over ${isEncrypted ? "TLS" : "TCP"}`, () => {
    const serveSome = (
      set: (protocol: TestProtocol) => void = () => {},
      options: ServeOptions = {},
    ) => {
      return serveTests(set, {
        ...options,
        ...(isEncrypted && { tls: tlsOptions() }),
      });
    };

    test("holds a chunk only while it is processed", async () => {
      const { address, protocols } = await serveSome(echo);
      const texts = ["a", "b", "c"].map((letter) => letter.repeat(200_000));
      const received = await Promise.all(
        texts.map((text) => sendAndRead(address, text)),
      );
      assert.deepEqual(
        received.map((text, index) => text === texts[index]),
        [true, true, true],
      );
      assert.equal(protocols.length, 3);
    });

    test("can still be answered when its client has sent all", async () => {
      const { address } = await serveSome((protocol) => {
        protocol.onEnded = () => {
          protocol.transport.send(`${protocol.receivedBytes} bytes`);
          protocol.transport.close();
        };
      });
      const text = "x".repeat(300_000);
      assert.equal(await sendAndRead(address, text), "300000 bytes");
    });

    test("reads nothing while it is paused", async () => {
      const { address, first } = await serveSome((protocol) => {
        protocol.onReceived = () => protocol.transport.pauseReading();
      });
      const client = connect(address);
      client.write("x".repeat(10_000_000));
      const protocol = await first();
      const what = "the first bytes";
      await waitUntil(() => protocol.receivedBytes > 0, { what });
      const received = protocol.receivedBytes;
      // Others are served meanwhile: time enough for what should not come.
      for (let rounds = 0; rounds < 3; rounds++) {
        const other = connect(address);
        await once(other, "connect");
        other.destroy();
      }
      assert.equal(protocol.receivedBytes, received);
      protocol.onReceived = () => {};
      protocol.transport.resumeReading();
      const all = () => protocol.receivedBytes === 10_000_000;
      await waitUntil(all, { what: "the rest" });
      client.destroy();
    });

    test("lets others in, however much it could go on", async () => {
      let steps = 0;
      const { address } = await serveSome((protocol) => {
        const goOn = () => {
          while (protocol.transport.canSend) steps++;
        };
        protocol.onReceived = (text) => {
          if (text === "go on") goOn();
          else protocol.transport.send(text);
        };
        protocol.onRoom = goOn;
      });
      const greedy = connect(address);
      greedy.write("go on");
      await waitUntil(() => steps > 0, { what: "the first steps" });
      for (let others = 0; others < 5; others++) {
        const before = steps;
        const other = connect(address);
        other.write("served");
        const [answer] = await once(other, "data");
        assert.equal(String(answer), "served");
        other.destroy();
        await waitUntil(() => steps > before, { what: "further steps" });
      }
      greedy.destroy();
    });

    test("holds its sender back, and tells when there is room", async () => {
      const piece = Buffer.alloc(1_048_576, "x");
      let sentBytes = 0;
      const send = ({ transport }: TestProtocol) => {
        while (transport.canSend && sentBytes < 64 * piece.length) {
          transport.send(piece);
          sentBytes += piece.length;
        }
        if (sentBytes === 64 * piece.length) transport.close();
      };
      const { address, first } = await serveSome((protocol) => {
        protocol.onReceived = () => send(protocol);
        protocol.onRoom = () => send(protocol);
      });
      const client = connect(address);
      client.pause();
      client.write("go");
      const protocol = await first();
      const isFull = () => sentBytes > 0 && !protocol.transport.canSend;
      await waitUntil(isFull, { what: "the buffers to be full" });
      assert.ok(sentBytes < 64 * piece.length);
      let receivedBytes = 0;
      client.on("data", (chunk) => {
        receivedBytes += chunk.length;
      });
      client.resume();
      await once(client, "end");
      assert.equal(receivedBytes, 64 * piece.length);
    });

    test("is cut off where its client never reads", async () => {
      const { address, first, listener } = await serveSome(
        (protocol) => {
          protocol.onReceived = () => {
            protocol.isIdle = false;
            protocol.transport.send(Buffer.alloc(32 * 1_048_576));
          };
        },
        { writeTimeoutMs: 300 },
      );
      const client = connect(address);
      client.on("error", () => {});
      client.pause();
      client.write("go");
      const protocol = await first();
      await waitUntil(() => listener.count === 0, { what: "the cut" });
      assert.deepEqual(protocol.events, ["close"]);
      client.destroy();
    });

    test("goes on where its client reads slowly", async () => {
      const bytes = 24 * 1_048_576;
      const { address } = await serveSome(
        (protocol) => {
          protocol.onReceived = () => {
            protocol.isIdle = false;
            protocol.transport.send(Buffer.alloc(bytes));
            protocol.transport.close();
          };
        },
        { writeTimeoutMs: 700 },
      );
      const client = connect(address);
      client.write("go");
      let received = 0;
      let allowed = 0;
      client.on("data", (chunk) => {
        received += chunk.length;
        if (received >= allowed) client.pause();
      });
      const startedAt = performance.now();
      const timer = setInterval(() => {
        allowed += bytes / 12;
        client.resume();
      }, 150);
      await once(client, "end");
      clearInterval(timer);
      assert.equal(received, bytes);
      assert.ok(performance.now() - startedAt > 1_500);
    });

    test("gets the reset that ended it", async () => {
      const { address, first } = await serveSome();
      const wire = connectWire(address);
      const client = isEncrypted ? secureWire(wire, address.tls) : wire;
      await once(client, isEncrypted ? "secureConnect" : "connect");
      const protocol = await first();
      wire.resetAndDestroy();
      await waitUntil(() => protocol.events.length > 0, { what: "the close" });
      assert.deepEqual(protocol.events, ["close"]);
      assert.match(String(protocol.error), /ECONNRESET/);
    });

    test("may be given away, with what comes later", async () => {
      const { address, protocols, first } = await serveSome((protocol) => {
        protocol.onReceived = (text) => {
          assert.equal(text, "go");
          protocol.transport.send("now it is yours");
          const socket = protocol.transport.handOver();
          // Nobody listens yet: what comes meanwhile waits.
          protocol.onReceived = () => assert.fail("read by the protocol");
          setTimeout(() => socket.pipe(socket), 50);
        };
      });
      const client = connect(address);
      client.write("go");
      assert.equal(String((await once(client, "data"))[0]), "now it is yours");
      const sent = "abc".repeat(1_000_000);
      client.end(sent);
      let received = "";
      client.on("data", (chunk) => {
        received += chunk;
      });
      await once(client, "end");
      assert.equal(received === sent, true, `${received.length} bytes`);
      const { events } = await first();
      await waitUntil(() => events.length > 0, { what: "the end" });
      assert.deepEqual(events, ["close"]);
      assert.equal(protocols.length, 1);
    });

    test("RFC 9112 §9.6 lingers no longer than it may", async () => {
      const { address, listener } = await serveSome(
        (protocol) => {
          protocol.onReceived = () => protocol.transport.close();
        },
        { lingeringCloseTimeoutMs: 200 },
      );
      const client = connect(address, { allowHalfOpen: true });
      client.on("error", () => {});
      client.resume();
      client.write("x");
      await once(client, "end");
      assert.equal(listener.count, 1);
      await waitUntil(() => listener.count === 0, { what: "the end" });
      client.destroy();
    });
  });
}
