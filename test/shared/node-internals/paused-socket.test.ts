import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { readWhilePaused } from "../../../src/shared/node-internals/paused-socket.ts";

test("a paused socket with onread notices that its peer has ended", async (t) => {
  const server = net.createServer((peer) => peer.resume().end("last words"));
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const read: Buffer[] = [];
  const onread = {
    buffer: Buffer.alloc(100),
    callback: (byteCount: number, buffer: Uint8Array) => {
      read.push(Buffer.from(buffer.subarray(0, byteCount)));
      return true;
    },
  };
  const socket = net.connect({ port, host: "127.0.0.1", onread });
  t.after(() => socket.destroy());
  readWhilePaused(socket);
  await once(socket, "connect");
  socket.pause();
  assert.ok(socket.isPaused());
  await once(socket, "close");
  assert.equal(String(Buffer.concat(read)), "last words");
});
