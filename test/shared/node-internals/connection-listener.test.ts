import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Socket } from "node:net";
import { it } from "node:test";
import { stopReadingConnections } from "../../../src/shared/node-internals/connection-listener.ts";

it("keeps a server of node:http from reading a connection", () => {
  const server = createServer();
  const seen: unknown[] = [];
  server.on("connection", (socket) => seen.push(socket));
  assert.equal(server.listenerCount("connection"), 2);
  stopReadingConnections(server);
  const socket = new Socket();
  server.emit("connection", socket);
  assert.deepEqual(seen, [socket]);
  assert.equal(socket.listenerCount("data"), 0);
});
