import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { describe, it, type TestContext } from "node:test";
import {
  type ListenOptions,
  ListenSocket,
} from "../../../src/master/sockets/listen-socket.ts";
import { StartError } from "../../../src/master/start-error.ts";
import type { ListenAddress } from "../../../src/shared/addresses/listen-address.ts";
import type { RawHandle } from "../../../src/shared/ipc-messages.ts";
import { configFolder } from "../../shared/config/config-folder.ts";
import { deferred } from "../../support/deferred.ts";

const SCHEDULINGS = ["balanced", "shared"] as const;
const ANY_PORT: ListenAddress = { host: "127.0.0.1", port: 0 };

type Closable = RawHandle & { close(): void };

interface Opened {
  readonly socket: ListenSocket;
  /** Options of the next clients. */
  readonly connections: Closable[];
  /** The first client. */
  readonly connected: Promise<Closable>;
}

async function open(
  t: TestContext,
  given: Partial<ListenOptions> = {},
): Promise<Opened> {
  const connections: Closable[] = [];
  const { promise: connected, resolve } = deferred<Closable>();
  const socket = await ListenSocket.open({
    address: ANY_PORT,
    backlog: 16,
    scheduling: "balanced",
    onConnection: (handle) => {
      connections.push(handle as Closable);
      resolve(handle as Closable);
    },
    onAcceptError: (code) => assert.fail(code),
    ...given,
  });
  socket.accept();
  t.after(() => {
    socket.close();
    for (const handle of connections) handle.close();
  });
  return { socket, connections, connected };
}

function portOf({ socket }: Opened): number {
  assert.ok("port" in socket.address);
  return socket.address.port;
}

function clientOf(t: TestContext, address: ListenAddress): net.Socket {
  const client =
    "port" in address
      ? net.connect(address)
      : net.connect({ path: address.socketPath });
  t.after(() => client.destroy());
  return client;
}

/** The error of listening on the address. */
async function refusal(
  t: TestContext,
  given: Partial<ListenOptions>,
): Promise<string> {
  const error = await open(t, given).then(
    () => assert.fail("it listens"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StartError);
  return error.message;
}

/** A server of another process. */
async function otherServer(
  t: TestContext,
  where: net.ListenOptions,
): Promise<net.Server> {
  const server = net.createServer();
  t.after(() => server.close());
  const { promise, resolve } = deferred();
  server.listen(where, () => resolve());
  await promise;
  return server;
}

/** The socket file of a server that was killed. */
async function leaveStale(folder: string): Promise<string> {
  const live = path.join(folder, "live.sock");
  const stale = path.join(folder, "stale.sock");
  const server = net.createServer();
  const { promise, resolve } = deferred();
  server.listen(live, () => resolve());
  await promise;
  fs.renameSync(live, stale);
  const { promise: closed, resolve: onClose } = deferred();
  server.close(() => onClose());
  await closed;
  return stale;
}

describe("a listening socket, balanced", () => {
  it("accepts nobody before it is told to", async (t) => {
    const socket = await ListenSocket.open({
      address: ANY_PORT,
      backlog: 16,
      scheduling: "balanced",
      onConnection: (handle) => (handle as Closable).close(),
      onAcceptError: (code) => assert.fail(code),
    });
    t.after(() => socket.close());
    const early = clientOf(t, socket.address);
    const { promise, resolve } = deferred<NodeJS.ErrnoException>();
    early.once("error", resolve);
    assert.equal((await promise).code, "ECONNREFUSED");
    socket.accept();
    const { promise: served, resolve: onServed } = deferred();
    clientOf(t, socket.address).once("connect", () => onServed());
    await served;
  });

  it("gives connections as raw handles, before anything is read", async (t) => {
    const opened = await open(t);
    const client = clientOf(t, opened.socket.address);
    client.write("hello");
    const handle = await opened.connected;
    assert.equal(handle instanceof net.Socket, false);
    const served = new net.Socket({ handle } as net.SocketConstructorOpts);
    const { promise, resolve } = deferred<string>();
    served.once("data", (chunk) => resolve(String(chunk)));
    served.resume();
    assert.equal(await promise, "hello");
    served.destroy();
    opened.connections.length = 0;
  });

  it("has no handle to share", async (t) => {
    const { socket } = await open(t);
    assert.equal(socket.sharedHandle, undefined);
  });

  it("refuses clients once it is closed", async (t) => {
    const { socket } = await open(t);
    socket.close();
    const client = clientOf(t, socket.address);
    const { promise, resolve } = deferred<NodeJS.ErrnoException>();
    client.once("error", resolve);
    assert.equal((await promise).code, "ECONNREFUSED");
  });
});

describe("a listening socket, shared", () => {
  it("accepts nobody itself: it gives a handle to accept on", async (t) => {
    const { socket } = await open(t, { scheduling: "shared" });
    const { sharedHandle } = socket;
    assert.ok(sharedHandle);
    const early = clientOf(t, socket.address);
    const { promise, resolve } = deferred<NodeJS.ErrnoException>();
    early.once("error", resolve);
    assert.equal((await promise).code, "ECONNREFUSED", "nobody listens yet");
    const worker = net.createServer();
    t.after(() => worker.close());
    const { promise: served, resolve: onServed } = deferred<net.Socket>();
    worker.once("connection", onServed);
    const { promise: listening, resolve: onListening } = deferred();
    worker.listen(sharedHandle, () => onListening());
    await listening;
    clientOf(t, socket.address);
    (await served).destroy();
  });
});

for (const scheduling of SCHEDULINGS) {
  describe(`an address, ${scheduling}`, () => {
    it("has the port that was picked for 0", async (t) => {
      const port = portOf(await open(t, { scheduling }));
      assert.ok(port > 0);
    });

    it("may be a host name", async (t) => {
      const address = { host: "localhost", port: 0 };
      const { socket } = await open(t, { scheduling, address });
      assert.ok("host" in socket.address && socket.address.port > 0);
      assert.equal(socket.address.host, "localhost");
    });

    it("may be all of IPv6, with IPv4 or without", async (t) => {
      const host = "::";
      const dual = await open(t, { address: { host, port: 0 } });
      const port = portOf(dual);
      const ipv4 = clientOf(t, { host: "127.0.0.1", port });
      await once(ipv4, "connect");
      const address = { host, port: 0, ipv6Only: true };
      const only = await open(t, { address });
      const ipv6 = clientOf(t, { host: "::1", port: portOf(only) });
      await once(ipv6, "connect");
      const beside = { host: "127.0.0.1", port: portOf(only) };
      await open(t, { address: beside });
    });

    it("may be a unix socket, whose file goes when it closes", async (t) => {
      const socketPath = path.join(configFolder(t), "new.sock");
      const { socket } = await open(t, { scheduling, address: { socketPath } });
      assert.deepEqual(socket.address, { socketPath });
      assert.ok(fs.statSync(socketPath).isSocket());
      socket.close();
      assert.equal(fs.existsSync(socketPath), false);
    });

    it("may be a unix socket with a mode, and nothing beside it", async (t) => {
      const folder = configFolder(t);
      const socketPath = path.join(folder, "new.sock");
      const address = { socketPath, mode: "0620" };
      await open(t, { scheduling, address });
      assert.equal(fs.statSync(socketPath).mode & 0o777, 0o620);
      assert.deepEqual(fs.readdirSync(folder), ["new.sock"]);
    });

    it("leaves its file to the next master", async (t) => {
      const socketPath = path.join(configFolder(t), "new.sock");
      const { socket } = await open(t, { scheduling, address: { socketPath } });
      socket.close({ keepsFile: true });
      assert.ok(fs.existsSync(socketPath));
    });

    it("removes no file that has taken the place of its own", async (t) => {
      const socketPath = path.join(configFolder(t), "new.sock");
      const { socket } = await open(t, { scheduling, address: { socketPath } });
      fs.renameSync(socketPath, `${socketPath}.old`);
      fs.writeFileSync(socketPath, "");
      socket.close();
      assert.ok(fs.existsSync(socketPath));
    });

    it("is a descriptor that a child may inherit", async (t) => {
      const { socket } = await open(t, { scheduling });
      assert.ok(fs.fstatSync(socket.fd).isSocket());
    });

    it("takes the place of a unix socket that nobody listens on", async (t) => {
      const socketPath = await leaveStale(configFolder(t));
      assert.ok(fs.existsSync(socketPath));
      await open(t, { scheduling, address: { socketPath } });
      assert.ok(fs.statSync(socketPath).isSocket());
    });
  });

  describe(`an address that cannot be had, ${scheduling}`, () => {
    it("is in use", async (t) => {
      const server = await otherServer(t, { host: "127.0.0.1", port: 0 });
      const { port } = server.address() as net.AddressInfo;
      const address = { host: "127.0.0.1", port };
      assert.equal(
        await refusal(t, { scheduling, address }),
        `cannot listen on 127.0.0.1:${port}: ` +
          "the address is in use (EADDRINUSE)",
      );
    });

    it("is a unix socket on which somebody listens", async (t) => {
      const socketPath = path.join(configFolder(t), "live.sock");
      await otherServer(t, { path: socketPath });
      assert.equal(
        await refusal(t, { scheduling, address: { socketPath } }),
        `cannot listen on ${socketPath}: the address is in use (EADDRINUSE)`,
      );
      const client = clientOf(t, { socketPath });
      await new Promise((resolve) => client.once("connect", resolve));
    });

    it("is a file that is no socket, and stays", async (t) => {
      const socketPath = path.join(configFolder(t, { file: "text" }), "file");
      assert.equal(
        await refusal(t, { scheduling, address: { socketPath } }),
        `cannot listen on ${socketPath}: the address is in use (EADDRINUSE)`,
      );
      assert.equal(fs.readFileSync(socketPath, "utf8"), "text");
    });

    it("is in a folder that does not exist", async (t) => {
      const socketPath = path.join(configFolder(t), "none", "a.sock");
      assert.equal(
        await refusal(t, { scheduling, address: { socketPath } }),
        `cannot listen on ${socketPath}: the folder does not exist (ENOENT)`,
      );
    });

    it("is a path that is too long", async (t) => {
      const socketPath = path.join(configFolder(t), "a".repeat(120));
      assert.equal(
        await refusal(t, { scheduling, address: { socketPath } }),
        `cannot listen on ${socketPath}: ` +
          "the path is too long for a socket (ENAMETOOLONG)",
      );
    });

    it("is an inherited descriptor that is no socket", async (t) => {
      const file = fs.openSync(path.join(configFolder(t, { a: "" }), "a"), "r");
      t.after(() => fs.closeSync(file));
      const message = await refusal(t, { scheduling, fd: file });
      assert.match(message, /descriptor \d+ is no socket to listen on$/);
    });

    it("is not one of this machine's", async (t) => {
      // RFC 5737: no machine has an address of TEST-NET-1.
      const address = { host: "192.0.2.1", port: 0 };
      assert.equal(
        await refusal(t, { scheduling, address }),
        "cannot listen on 192.0.2.1:0: " +
          "this machine does not have the address (EADDRNOTAVAIL)",
      );
    });

    it("is named as in a URL, if it is of IPv6", async (t) => {
      // The prefix is for documentation (RFC 3849).
      const address = { host: "2001:db8::1", port: 80 };
      const message = await refusal(t, { scheduling, address });
      const expected = "cannot listen on [2001:db8::1]:80: ";
      assert.ok(message.startsWith(expected), message);
    });
  });
}
