import assert from "node:assert/strict";
import { once } from "node:events";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import tls, { type TLSSocket } from "node:tls";
import { socketOf } from "../../../src/shared/node-internals/socket-of-handle.ts";
import { wireOf } from "../../../src/shared/node-internals/wire-of.ts";
import { secureWire } from "../../support/tls-client.ts";
import { readTlsFixture, TRUSTING } from "../../support/tls-fixtures.ts";
import { acceptedConnection } from "./accepted-connection.ts";

describe("the wire of a socket", { timeout: 10_000 }, () => {
  it("is the socket itself without TLS", () => {
    const socket = new Socket();
    assert.equal(wireOf(socket), socket);
  });

  it("is the socket that a TLS server was given", async (t) => {
    const { handle, client } = await acceptedConnection(t);
    const server = tls.createServer({
      cert: readTlsFixture("server.pem"),
      key: readTlsFixture("server.key"),
    });
    const wire = socketOf(handle, {
      allowHalfOpen: false,
      readable: true,
      writable: true,
      highWaterMark: 65_536,
      manualStart: true,
    });
    t.after(() => wire.destroy());
    const secured = once(server, "secureConnection");
    server.emit("connection", wire);
    const secureClient = secureWire(client, TRUSTING);
    const [socket] = (await secured) as [TLSSocket];
    assert.notEqual(socket, wire);
    assert.equal(wireOf(socket), wire);
    secureClient.destroy();
  });
});
