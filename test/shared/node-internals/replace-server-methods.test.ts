import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { it } from "node:test";
import { promisify } from "node:util";
import {
  type ListeningServer,
  replaceServerMethods,
} from "../../../src/shared/node-internals/replace-server-methods.ts";

let found: ListeningServer | undefined;
replaceServerMethods(() => found);

it("asks for the methods of servers of each module", async () => {
  const calls: string[] = [];
  found = {
    listening: true,
    address: () => "an address",
    close: (callback) => {
      calls.push("close");
      callback?.();
    },
    getConnections: (callback) => callback(null, 7),
    closeIdleConnections: () => calls.push("idle"),
    closeAllConnections: () => calls.push("all"),
  };
  class Own extends http.Server {}
  const all = [http.createServer(), https.createServer(), new Own()];
  for (const server of all) {
    calls.length = 0;
    assert.equal(server.listening, true);
    assert.equal(server.address(), "an address");
    assert.equal(await promisify(server.getConnections).call(server), 7);
    server.closeAllConnections();
    server.closeIdleConnections();
    await promisify(server.close).call(server);
    // Node's close() of HTTP servers closes idle connections itself.
    assert.deepEqual(calls, ["all", "idle", "idle", "close"]);
  }
});

it("leaves other servers to Node", async () => {
  found = undefined;
  for (const server of [net.createServer(), http.createServer()]) {
    assert.equal(server.listening, false);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    assert.equal(server.listening, true);
    const { address } = server.address() as net.AddressInfo;
    assert.equal(address, "127.0.0.1");
    await promisify(server.close).call(server);
    assert.equal(server.listening, false);
  }
});
