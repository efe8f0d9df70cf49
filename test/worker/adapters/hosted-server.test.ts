import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  Server,
  type ServerResponse,
} from "node:http";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import type { TLSSocket } from "node:tls";
import express from "express";
import { WebSocket, WebSocketServer } from "ws";
import { serveNode } from "../../../src/serve-node.ts";
import {
  type NodeListener,
  nodeHandler,
} from "../../../src/worker/adapters/node-handler.ts";
import { App } from "../../../src/worker/app/app.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import type { TlsOptions } from "../../../src/worker/net/tls-handshakes.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { connectWire, secureWire } from "../../support/tls-client.ts";
import {
  readTlsFixture,
  TRUSTING,
  tlsOptions,
} from "../../support/tls-fixtures.ts";
import { serveHttp } from "../http1/served-http1.ts";

const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const EXPECTING =
  "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" +
  "Content-Length: 3\r\n\r\n";

function serve(hosted: NodeListener | Server, tls?: TlsOptions) {
  const app = serveNode(hosted);
  return serveHttp(app.handle.bind(app), tls ? { tls } : {});
}

describe("a server of node:http that does not listen", () => {
  test("is given requests as its own events", async () => {
    const server = createServer();
    server.on("request", ({ method, url }, response) => {
      response.end(`${method} ${url}`);
    });
    const { address } = await serve(server);
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.equal(String(responses[0]?.body), "GET /");
  });

  test("is told of sockets on which nothing happens for its timeout", async () => {
    const server = createServer();
    const told = deferred<Socket>();
    server.setTimeout(20, told.resolve);
    server.on("request", async (_request, response) => {
      response.end(String((await told.promise) === response.socket));
    });
    const { address } = await serve(server);
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.equal(String(responses[0]?.body), "true");
  });

  test("drops such a socket, also one with a listener of its own", async () => {
    const told = deferred<Socket>();
    const server = createServer(({ socket }) => {
      socket.on("timeout", () => told.resolve(socket));
    });
    server.timeout = 20;
    const { address } = await serve(server);
    const client = connect(address);
    client.on("error", () => {});
    client.write(GET);
    await Promise.all([once(client, "close"), told.promise]);
    assert.equal((await told.promise).destroyed, true);
  });

  test("is what each request's socket belongs to", async () => {
    const server = createServer((request, response) => {
      const { socket } = request as { socket: Socket & { server?: Server } };
      response.end(String(socket.server === server));
    });
    const { address } = await serve(server);
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.equal(String(responses[0]?.body), "true");
  });

  test("is there for a plain listener, too", async () => {
    const { emit } = Server.prototype;
    const events: unknown[] = [];
    Server.prototype.emit = function (this: Server, ...args: unknown[]) {
      events.push(args[0]);
      return Reflect.apply(emit, this, args);
    } as typeof emit;
    try {
      const { address } = await serve((_, response) => response.end());
      await exchange(address, GET + GET, { responses: 2 });
    } finally {
      Server.prototype.emit = emit;
    }
    assert.deepEqual(events, ["request", "request"]);
  });

  test("is told of a connection once, with its first request", async () => {
    const sockets: Socket[] = [];
    const server = createServer((request, response) => {
      assert.equal(request.socket, sockets[0]);
      setImmediate(() => response.end());
    });
    server.on("connection", (socket) => sockets.push(socket));
    const { address } = await serve(server);
    await exchange(address, GET + GET, { responses: 2 });
    assert.equal(sockets.length, 1);
    await once(sockets[0] as Socket, "close");
  });

  test("answers 500 where its listener throws", async () => {
    const server = createServer(() => {
      throw new Error("no");
    });
    const { address } = await serve(server);
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.equal(responses[0]?.status, 500);
  });

  test("takes upgrades to any protocol where it listens for them", async () => {
    const server = createServer((_, response) => response.end("page"));
    const upgrade = (protocol: string) =>
      "GET /at HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n" +
      `Upgrade: ${protocol}\r\n\r\n`;
    const { address } = await serve(server);
    const ask = () => exchange(address, upgrade("own"), { responses: 1 });
    assert.equal(String((await ask()).responses[0]?.body), "page");
    server.on("upgrade", (request, socket, head) => {
      assert.equal(request.headers.upgrade, "own");
      assert.equal(head.length, 0);
      socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\nhello");
    });
    const socket = connect(address);
    socket.write(upgrade("own"));
    const answer = await text(socket);
    assert.equal(answer, "HTTP/1.1 101 Switching Protocols\r\n\r\nhello");
  });

  test("may have a WebSocketServer of ws attached", async () => {
    const server = createServer((_, response) => response.end("page"));
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (client, request) =>
      client.send(`${request.url}`),
    );
    const { address } = await serve(server);
    assert.ok("port" in address);
    const client = new WebSocket(`ws://127.0.0.1:${address.port}/any`);
    const [greeting] = await once(client, "message");
    assert.equal(String(greeting), "/any");
    client.close();
    await once(client, "close");
  });

  test("may decide what a client that expects 100 gets", async () => {
    const server = createServer(() => assert.fail("never called"));
    server.on("checkContinue", (_: IncomingMessage, r: ServerResponse) => {
      r.writeHead(403).end();
    });
    const { address } = await serve(server);
    const { responses } = await exchange(address, EXPECTING, { responses: 1 });
    assert.equal(responses[0]?.status, 403);
  });

  test("gets such a request without a decision as any other", async () => {
    const server = createServer((request, response) => request.pipe(response));
    const { address } = await serve(server);
    const socket = connect(address);
    socket.write(EXPECTING);
    const [first] = await once(socket, "data");
    assert.match(String(first), /^HTTP\/1.1 100 Continue\r\n\r\n$/);
    socket.end("abc");
    await once(socket, "close");
  });

  test("must not be something else", () => {
    assert.throws(
      () => serveNode(new Socket() as never),
      /a listener is a function .* or a server of http.createServer\(\)/,
    );
  });

  test("has no use for onUpgrade", () => {
    const onUpgrade = () => {};
    assert.throws(
      () => serveNode(createServer(), { onUpgrade }),
      /server\.on\("upgrade"\)/,
    );
  });
});

describe("the route of an Express app", () => {
  const app = express();
  app.get("/users/:id", (_, response) => void response.send("user"));
  app.get(/^\/files\//, (_, response) => void response.send("file"));
  const mounted = express.Router();
  mounted.get("/:id", (_, response) => void response.send("mounted"));
  app.use("/in/:tenant", mounted);

  for (const [target, route] of [
    ["/users/7", "/users/:id"],
    ["/files/a", undefined],
    ["/in/a/7", undefined],
    ["/none", undefined],
  ] as const) {
    test(`of ${target} is ${route}`, async () => {
      const request = new HttpRequest({ target });
      await serveNode(app).handle(request);
      assert.equal(request.route, route);
    });
  }

  test("is not that of a route beside it", async () => {
    const request = new HttpRequest({ target: "/users/7" });
    const both = new App().get("/users/*", nodeHandler(app));
    await both.handle(request);
    assert.equal(request.route, "/users/*");
  });
});

describe("diagnostics_channel", () => {
  test("has the events of Node's server, in its order", async (t) => {
    const seen: string[] = [];
    const server = createServer((_, response) => {
      seen.push("listener");
      response.on("finish", () => seen.push("finish"));
      response.end();
    });
    const done = deferred<void>();
    for (const name of ["request.start", "response.finish"]) {
      const events = channel(`http.server.${name}`);
      const onEvent = (message: unknown) => {
        const about = message as Record<string, unknown>;
        // A response of another test may have been finished just now.
        if (about.server !== server) return;
        assert.ok(about.request && about.response);
        assert.ok(about.socket instanceof Socket);
        seen.push(name);
        if (name === "response.finish") setImmediate(done.resolve);
      };
      events.subscribe(onEvent);
      t.after(() => events.unsubscribe(onEvent));
    }
    const { address } = await serve(server);
    await exchange(address, GET, { responses: 1 });
    await done.promise;
    assert.deepEqual(seen, [
      "request.start",
      "listener",
      "response.finish",
      "finish",
    ]);
  });
});

describe("the socket of a request", () => {
  test("passes for one of node:net", async () => {
    const told = deferred<Record<string, unknown>>();
    const server = createServer((request, response) => {
      const { socket } = request;
      told.resolve({
        isSocket: socket instanceof Socket,
        remotePort: socket.remotePort,
        localAddress: socket.localAddress,
        localPort: socket.localPort,
        localFamily: socket.localFamily,
        address: socket.address(),
        readyState: socket.readyState,
        connecting: socket.connecting,
        pending: socket.pending,
        hasRead: socket.bytesRead >= GET.length,
        bytesWritten: socket.bytesWritten,
      });
      response.end();
    });
    const { address } = await serve(server);
    assert.ok("port" in address);
    const client = connect(address);
    client.write(GET);
    const { port } = address;
    const { remotePort, ...rest } = await told.promise;
    assert.equal(remotePort, client.localPort);
    assert.deepEqual(rest, {
      isSocket: true,
      localAddress: "127.0.0.1",
      localPort: port,
      localFamily: "IPv4",
      address: { address: "127.0.0.1", family: "IPv4", port },
      readyState: "open",
      connecting: false,
      pending: false,
      hasRead: true,
      bytesWritten: 0,
    });
    client.destroy();
  });

  test("over TLS tells of the client's certificate", async () => {
    const told = deferred<unknown>();
    const server = createServer((request, response) => {
      response.end();
      const socket = request.socket as TLSSocket;
      const { subject } = socket.getPeerCertificate?.() ?? {};
      const { encrypted, authorized, servername } = socket;
      const protocol = socket.getProtocol?.();
      told.resolve([subject?.CN, encrypted, authorized, servername, protocol]);
    });
    const ca = [readTlsFixture("ca.pem")];
    const { address } = await serve(server, tlsOptions({ ca }));
    const client = secureWire(connectWire(address), {
      ...TRUSTING,
      cert: readTlsFixture("client.pem"),
      key: readTlsFixture("client.key"),
      maxVersion: "TLSv1.3",
    });
    client.write(GET);
    const expected = [
      "Remuda tests client",
      true,
      true,
      "localhost",
      "TLSv1.3",
    ];
    assert.deepEqual(await told.promise, expected);
    client.destroy();
  });

  test("without TLS has no certificate to ask for", async () => {
    const server = createServer((request, response) => {
      const { getPeerCertificate } = request.socket as TLSSocket;
      response.end(String(getPeerCertificate));
    });
    const { address } = await serve(server);
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.equal(String(responses[0]?.body), "undefined");
  });
});
