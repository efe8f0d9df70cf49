import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net, { Server } from "node:net";
import { afterEach, it } from "node:test";
import {
  isHandle,
  replaceListen,
} from "../../../src/shared/node-internals/replace-listen.ts";

const { listen } = Server.prototype;
afterEach(() => {
  Object.defineProperty(Server.prototype, "listen", { value: listen });
});

it("asks first about servers of each module, and their subclasses", () => {
  class Own extends http.Server {}
  const asked: unknown[] = [];
  replaceListen((...given) => asked.push(given) > 0);
  const servers = [
    net.createServer(),
    http.createServer(),
    https.createServer(),
    new Own(),
  ];
  for (const server of servers) {
    assert.equal(server.listen(0, "127.0.0.1"), server);
    assert.equal(server.listening, false);
  }
  const expected = servers.map((server) => [server, [0, "127.0.0.1"]]);
  assert.deepEqual(asked, expected);
});

it("leaves to Node what is not taken", async () => {
  replaceListen(() => false);
  const server = http.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  server.close();
});

it("knows the handles that listen() takes", () => {
  const { _handle } = net.createServer() as unknown as { _handle: null };
  assert.equal(_handle, null);
  const handle = {};
  for (const given of [{ fd: 3 }, { handle }, { _handle: handle }]) {
    assert.equal(isHandle(given), true);
  }
  for (const given of [{ port: 0 }, { fd: "3" }, net.createServer()]) {
    assert.equal(isHandle(given), false);
  }
});
