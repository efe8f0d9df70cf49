import assert from "node:assert/strict";
import { once } from "node:events";
import path from "node:path";
import { after, describe, it } from "node:test";
import {
  descriptorOf,
  handleOf,
  isUnixSocket,
  peerIpOf,
  sentBytesOf,
} from "../../../src/shared/node-internals/connection-handle.ts";
import { closeHandle } from "../../../src/shared/node-internals/listening-handle.ts";
import { socketOf } from "../../../src/shared/node-internals/socket-of-handle.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../../support/temporary-folder.ts";
import { acceptedConnection } from "./accepted-connection.ts";

const OPTIONS = {
  allowHalfOpen: true,
  readable: true,
  writable: true,
  highWaterMark: 65_536,
};

describe("the raw handle of a connection", { timeout: 10_000 }, () => {
  after(removeTemporaryFolders);

  it("has a descriptor and the peer's address", async (t) => {
    const { handle } = await acceptedConnection(t);
    assert.ok((descriptorOf(handle) ?? 0) > 2);
    assert.equal(isUnixSocket(handle), false);
    assert.equal(peerIpOf(handle), "127.0.0.1");
    closeHandle(handle);
    assert.equal(peerIpOf(handle), undefined);
    assert.equal(isUnixSocket(handle), false);
  });

  it("is told from that of a unix socket", async (t) => {
    const file = path.join(temporaryFolder(), "socket");
    const { handle } = await acceptedConnection(t, file);
    assert.equal(isUnixSocket(handle), true);
    assert.equal(peerIpOf(handle), undefined);
    assert.ok((descriptorOf(handle) ?? 0) > 2);
    closeHandle(handle);
  });

  it("is kept by its socket until that closes", async (t) => {
    const { handle } = await acceptedConnection(t);
    const socket = socketOf(handle, OPTIONS);
    assert.equal(handleOf(socket), handle);
    socket.destroy();
    await once(socket, "close");
    assert.equal(handleOf(socket), undefined);
    assert.equal(sentBytesOf(socket), 0);
  });

  it("counts the bytes that the kernel has taken of a write", async (t) => {
    const { handle, client } = await acceptedConnection(t);
    const socket = socketOf(handle, OPTIONS);
    t.after(() => socket.destroy());
    client.pause();
    const length = 64 * 1024 * 1024;
    socket.write(Buffer.alloc(length));
    const before = sentBytesOf(socket);
    assert.ok(before > 0 && before < length, `${before} of ${length} sent`);
    client.resume();
    await once(socket, "drain");
    assert.equal(sentBytesOf(socket), length);
  });
});
