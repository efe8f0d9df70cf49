import assert from "node:assert/strict";
import { once } from "node:events";
import type net from "node:net";
import { type TestContext, test } from "node:test";
import type { RawHandle } from "../../../src/shared/ipc-messages.ts";
import { detachHandle } from "../../../src/shared/node-internals/detach-handle.ts";
import { socketOf } from "../../../src/shared/node-internals/socket-of-handle.ts";
import { acceptedConnection } from "./accepted-connection.ts";

function openSocket(t: TestContext, handle: RawHandle): net.Socket {
  const socket = socketOf(handle, {
    ...{ allowHalfOpen: true, readable: true, writable: true },
    highWaterMark: 65_536,
  });
  t.after(() => socket.destroy());
  return socket;
}

test("a handle without its socket goes on in another one", async (t) => {
  const { client, handle } = await acceptedConnection(t);
  const first = openSocket(t, handle);
  const closed = once(first, "close");
  const detached = detachHandle(first);
  assert.ok(detached);
  await closed;
  client.write("more");
  const next = openSocket(t, detached);
  const [chunk] = await once(next, "data");
  assert.equal(String(chunk), "more");
  next.end("answer");
  const [answer] = await once(client, "data");
  assert.equal(String(answer), "answer");
});

test("a socket that has closed has none", async (t) => {
  const { handle } = await acceptedConnection(t);
  const socket = openSocket(t, handle);
  const closed = once(socket, "close");
  socket.destroy();
  await closed;
  assert.equal(detachHandle(socket), undefined);
});
