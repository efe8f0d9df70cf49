import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import { describe, it } from "node:test";
import {
  boundAddress,
  inodeOfSocket,
  readSocketTables,
} from "../../../src/master/sockets/bound-address.ts";
import { ListenSocket } from "../../../src/master/sockets/listen-socket.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

// As the kernel of a little-endian machine writes them.
const TABLES = {
  tcp: `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1 00000000d0b5f1c2 100 0 0 10 0
   1: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 00000000c01de7fc 100 0 0 10 0
`,
  tcp6: `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 102 1 000000003799699b
   1: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 103 1 000000003799699b
`,
  unix: `Num       RefCount Protocol Flags    Type St Inode Path
000000005b4a2212: 00000003 00000000 00000000 0001 03 104
000000009631e69f: 00000002 00000000 00010000 0001 01 105 /run/two words.sock
`,
};

describe("the address of a socket that another process has bound", () => {
  const skip = os.endianness() === "BE";

  it("is read from the kernel's tables", { skip }, () => {
    const found = ["100", "101", "102", "103", "104", "105", "106"].map(
      (inode) => boundAddress(inode, TABLES),
    );
    assert.deepEqual(found, [
      { host: "0.0.0.0", port: 8080 },
      { host: "127.0.0.1", port: 80 },
      { host: "0:0:0:0:0:0:0:0", port: 443 },
      { host: "2001:db8:0:0:0:0:0:1", port: 443 },
      undefined,
      { socketPath: "/run/two words.sock" },
      undefined,
    ]);
  });

  it("is that of a real one", async (t) => {
    const folder = temporaryFolder();
    t.after(() => fs.rmSync(folder, { recursive: true }));
    for (const address of [
      { host: "127.0.0.1", port: 0 },
      { host: "::1", port: 0 },
      { socketPath: `${folder}/web.sock` },
    ]) {
      const socket = await ListenSocket.open({
        address,
        backlog: 1,
        scheduling: "balanced",
        onConnection: () => {},
        onAcceptError: () => {},
      });
      t.after(() => socket.close());
      socket.accept();
      const inode = inodeOfSocket(socket.fd);
      assert.ok(inode);
      const found = boundAddress(inode, readSocketTables());
      if ("socketPath" in address) assert.ok(found && "socketPath" in found);
      else
        assert.equal(
          found && "port" in found && found.port,
          Reflect.get(socket.address, "port"),
        );
    }
  });

  it("is none of what is no socket", () => {
    const fd = fs.openSync("/dev/null", "r");
    assert.equal(inodeOfSocket(fd), undefined);
    fs.closeSync(fd);
    assert.equal(inodeOfSocket(12_345), undefined);
  });
});
