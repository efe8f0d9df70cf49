import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { socketOf } from "../../../src/shared/node-internals/socket-of-handle.ts";
import { deferred } from "../../support/deferred.ts";
import { acceptedConnection } from "./accepted-connection.ts";

const OPTIONS = {
  allowHalfOpen: true,
  readable: true,
  writable: true,
  highWaterMark: 65_536,
};

describe("a socket around a raw handle", { timeout: 10_000 }, () => {
  it("reads and writes, half-open", async (t) => {
    const { handle, client } = await acceptedConnection(t);
    const socket = socketOf(handle, OPTIONS);
    t.after(() => socket.destroy());
    client.end("asked");
    const [asked] = await once(socket, "data");
    assert.equal(String(asked), "asked");
    socket.resume();
    await once(socket, "end");
    socket.end("answered");
    const [answered] = await once(client, "data");
    assert.equal(String(answered), "answered");
  });

  it("reads into the buffer before where it is given none", async (t) => {
    const { handle, client } = await acceptedConnection(t);
    const buffers = [Buffer.alloc(16), undefined, Buffer.alloc(16)];
    const [first, , third] = buffers;
    const read: Uint8Array[] = [];
    let next = deferred<void>();
    const socket = socketOf(handle, {
      ...OPTIONS,
      onread: {
        buffer: () => buffers.shift(),
        callback: (byteCount, buffer) => {
          assert.equal(byteCount, 1);
          read.push(buffer);
          next.resolve();
          return true;
        },
      },
    });
    t.after(() => socket.destroy());
    for (const byte of ["a", "b", "c"]) {
      next = deferred<void>();
      client.write(byte);
      await next.promise;
    }
    assert.equal(read[0], first);
    assert.equal(read[1], first);
    assert.equal(read[2], third);
    assert.equal(String(first?.subarray(0, 1)), "b");
    assert.equal(String(third?.subarray(0, 1)), "c");
  });

  it("stops reading where the callback has no room", async (t) => {
    const { handle, client } = await acceptedConnection(t);
    let reads = 0;
    const first = deferred<void>();
    const socket = socketOf(handle, {
      ...OPTIONS,
      onread: {
        buffer: () => Buffer.alloc(1),
        callback: () => {
          reads++;
          first.resolve();
          return false;
        },
      },
    });
    t.after(() => socket.destroy());
    client.write("abc");
    await first.promise;
    await sleep(20);
    assert.equal(reads, 1);
    socket.resume();
    while (reads < 2) await sleep(1);
  });

  it("does not read by itself if it is started by hand", async (t) => {
    const { handle, client } = await acceptedConnection(t);
    const socket = socketOf(handle, { ...OPTIONS, manualStart: true });
    t.after(() => socket.destroy());
    client.write("asked");
    await sleep(20);
    assert.equal(socket.bytesRead, 0);
    assert.equal(socket.readableLength, 0);
  });
});
