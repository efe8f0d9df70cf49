import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import { after, describe, it } from "node:test";
import util from "node:util";
import type { RawHandle } from "../../../src/shared/ipc-messages.ts";
import {
  acceptOn,
  bindPath,
  bindPort,
  boundPortOf,
  closeHandle,
  inheritDescriptor,
  serveOn,
} from "../../../src/shared/node-internals/listening-handle.ts";
import { deferred } from "../../support/deferred.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../../support/temporary-folder.ts";
import { acceptedConnection, bound } from "./accepted-connection.ts";

function nameOf(status: unknown): string {
  assert.ok(typeof status === "number", "an error number is given");
  return util.getSystemErrorName(status);
}

describe("a raw listening handle", { timeout: 10_000 }, () => {
  after(removeTemporaryFolders);

  it("has a descriptor and a port, and does not accept yet", async (t) => {
    const handle = bound(t, bindPort("127.0.0.1", 0));
    assert.ok(handle.fd > 2);
    const client = net.connect(boundPortOf(handle) ?? 0, "127.0.0.1");
    const [error] = await once(client, "error");
    assert.equal(error.code, "ECONNREFUSED");
  });

  it("reports a port in use, and a path, by error number", (t) => {
    const handle = bound(t, bindPort("127.0.0.1", 0));
    const port = boundPortOf(handle) ?? 0;
    acceptOn(handle, 1, { onConnection() {}, onAcceptError() {} });
    assert.equal(nameOf(bindPort("127.0.0.1", port)), "EADDRINUSE");
    assert.match(nameOf(bindPath("/no/such/folder/x")), /EACCES|ENOENT/);
  });

  it("leaves IPv4 alone if bound to IPv6 only", (t) => {
    const only = bindPort("::", 0, { ipv6Only: true });
    if (typeof only === "number") return t.skip("no IPv6 here");
    const handle = bound(t, only);
    const port = boundPortOf(handle) ?? 0;
    bound(t, bindPort("0.0.0.0", port)); // would be in use otherwise
  });

  it("gives raw handles of connections, over TCP and a path", async (t) => {
    const file = path.join(temporaryFolder(), "socket");
    for (const where of [undefined, file]) {
      const { handle, client } = await acceptedConnection(t, where);
      assert.ok(!(handle instanceof net.Socket));
      closeHandle(handle);
      client.resume();
      await once(client, "close");
    }
  });

  it("has no port if it has a path", (t) => {
    const file = path.join(temporaryFolder(), "socket");
    assert.equal(boundPortOf(bound(t, bindPath(file))), undefined);
  });

  it("is taken over by its descriptor", async (t) => {
    // Not closed: both have one descriptor, as there is one process here.
    const handle = bindPort("127.0.0.1", 0);
    assert.ok(typeof handle !== "number");
    const inherited = inheritDescriptor(handle.fd);
    assert.ok(inherited);
    t.after(() => closeHandle(inherited));
    const { promise, resolve } = deferred<RawHandle>();
    acceptOn(inherited, 1, { onConnection: resolve, onAcceptError() {} });
    const client = net.connect(boundPortOf(inherited) ?? 0, "127.0.0.1");
    t.after(() => client.destroy());
    closeHandle(await promise);
    assert.equal(inheritDescriptor(99_999), undefined);
  });

  it("lets a server of Node accept", async (t) => {
    const handle = bound(t, bindPort("127.0.0.1", 0));
    const server = net.createServer((socket) => socket.end("hello"));
    const listening = once(server, "listening");
    serveOn(handle, server, 16);
    await listening;
    const { port } = server.address() as net.AddressInfo;
    assert.equal(port, boundPortOf(handle));
    const client = net.connect(port, "127.0.0.1").setEncoding("utf8");
    const [text] = await once(client, "data");
    assert.equal(text, "hello");
    server.close();
  });
});
