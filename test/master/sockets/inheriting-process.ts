/**
 * A process that inherits a listening socket as descriptor 3, and answers each
 * connection with its pid. In "shared" its own child process accepts, as a
 * worker would. A message on the IPC channel has the address of the socket.
 */
import { fork } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { ListenSocket } from "../../../src/master/sockets/listen-socket.ts";
import type { ListenAddress } from "../../../src/shared/addresses/listen-address.ts";
import type { RawHandle } from "../../../src/shared/ipc-messages.ts";

export interface SocketToInherit {
  readonly address: ListenAddress;
  readonly scheduling: "balanced" | "shared";
}

const FD = 3;

function answer(handle: RawHandle): void {
  const options = { handle } as net.SocketConstructorOpts;
  new net.Socket(options).end(String(process.pid));
}

async function inherit({
  address,
  scheduling,
}: SocketToInherit): Promise<void> {
  const socket = await ListenSocket.open({
    address,
    backlog: 16,
    scheduling,
    fd: FD,
    onConnection: answer,
    onAcceptError: (code) => {
      throw new Error(code);
    },
  });
  socket.accept();
  const { sharedHandle } = socket;
  const inode = readlinkSync(`/proc/self/fd/${FD}`);
  const worker = fork(fileURLToPath(import.meta.url), ["worker", inode]);
  worker.once("message", () => {
    worker.once("message", () => {
      process.send?.({ address: socket.address });
    });
    worker.send("listen", sharedHandle as net.Server | undefined);
  });
  process.once("message", () => {
    socket.close();
    worker.disconnect();
    process.disconnect();
  });
}

/** Accepts on the handle it is sent; the descriptor must not be open here. */
function work(inode: string): void {
  const isLeaked = readdirSync("/proc/self/fd").some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === inode;
    } catch {
      return false;
    }
  });
  if (isLeaked) throw new Error("the worker has the socket of its master");
  const server = net.createServer((client) => {
    client.end(String(process.pid));
  });
  process.once("message", (_, handle) => {
    if (!handle) {
      process.send?.("ready");
      return;
    }
    server.listen(handle, () => process.send?.("ready"));
  });
  process.once("disconnect", () => server.close());
  process.send?.("hello");
}

const [, , role, inode = ""] = process.argv;
if (role === "worker") work(inode);
else process.once("message", (message) => inherit(message as SocketToInherit));
