import assert from "node:assert/strict";
import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import express from "express";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { serveNode } from "../../../src/serve-node.ts";
import { setProcessLogger } from "../../../src/shared/logging/logger.ts";
import {
  type NodeHandlerOptions,
  type NodeListener,
  nodeHandler,
} from "../../../src/worker/adapters/node-handler.ts";
import { App } from "../../../src/worker/app/app.ts";
import type { OriginsOptions } from "../../../src/worker/http/forwarded/origins.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok } from "../../../src/worker/http/response-helpers.ts";
import { timeout } from "../../../src/worker/middleware/timeout.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { serveHttp } from "../http1/served-http1.ts";
import { memoryLogger } from "../memory-logger.ts";

const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

function serve(
  listener: NodeListener,
  options: NodeHandlerOptions & {
    readonly limits?: object;
    readonly forwarding?: OriginsOptions;
  } = {},
) {
  const app = serveNode(listener, options);
  return serveHttp(app.handle.bind(app), options);
}

async function ask(listener: NodeListener, bytes = GET) {
  const { address } = await serve(listener);
  const { responses } = await exchange(address, bytes, { responses: 1 });
  const [response] = responses;
  assert.ok(response);
  const { status, reason, interim } = response;
  const field = (name: string) =>
    response.fields.find(([each]) => each.toLowerCase() === name)?.[1];
  return { status, reason, interim, field, text: response.body.toString() };
}

async function framingOf(listener: NodeListener, bytes: string) {
  const { status, field } = await ask(listener, bytes);
  const names = ["content-length", "transfer-encoding", "connection"];
  return [status, ...names.map(field)];
}

/** What comes on a connection that the server closes. */
async function askUntilClosed(listener: NodeListener) {
  const { address } = await serve(listener);
  return exchange(address, GET, { untilClosed: true });
}

describe("the request of a listener for node:http", () => {
  test("is a real one, with its socket", async () => {
    let seen: IncomingMessage | undefined;
    await ask((request, response) => {
      seen = request;
      response.end();
    }, "GET /a?b=1 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-A: 2\r\n\r\n");
    assert.ok(seen instanceof IncomingMessage);
    assert.deepEqual([seen.method, seen.url], ["GET", "/a?b=1"]);
    assert.deepEqual({ ...seen.headers }, { host: "h", "x-a": "1, 2" });
    assert.deepEqual(seen.headersDistinct["x-a"], ["1", "2"]);
    assert.deepEqual(seen.rawHeaders, ["Host", "h", "X-A", "1", "X-A", "2"]);
    assert.deepEqual(seen.httpVersion, "1.1");
    assert.equal(seen.socket.remoteAddress, "127.0.0.1");
    assert.equal(seen.socket.remoteFamily, "IPv4");
    assert.equal(
      "encrypted" in seen.socket && seen.socket.encrypted,
      undefined,
    );
  });

  test("over TLS has a socket that says so", async () => {
    const encrypted = deferred<unknown>();
    const handler = nodeHandler((request, response) => {
      encrypted.resolve((request.socket as { encrypted?: unknown }).encrypted);
      response.end();
    });
    await handler(new HttpRequest({ protocol: "https" }));
    assert.equal(await encrypted.promise, true);
  });

  test("has the socket of the one before on the same connection", async () => {
    const sockets: Socket[] = [];
    const { address } = await serve(({ socket }, response) => {
      sockets.push(socket);
      setImmediate(() => response.end());
    });
    const { ending } = await exchange(address, GET + GET, { responses: 2 });
    assert.equal(ending, "open");
    assert.equal(sockets[0], sockets[1]);
    await once(sockets[0] as Socket, "close");
  });

  test("has another socket where a proxy's next client asks", async () => {
    const forwarding = {
      trustProxy: ["127.0.0.1"],
      forwardedFields: ["X-Forwarded-For", "X-Forwarded-Proto"],
    };
    const sockets: Socket[] = [];
    const told: unknown[] = [];
    const listener = express().use((request, response) => {
      sockets.push(request.socket);
      const { ip, protocol, secure } = request;
      response.on("finish", () => {
        told.push([request.socket.remoteAddress, ip, protocol, secure]);
      });
      setImmediate(() => response.end());
    });
    const { address } = await serve(listener, { forwarding });
    const from = (client: string, proto: string) =>
      "GET / HTTP/1.1\r\nHost: h\r\n" +
      `X-Forwarded-For: ${client}\r\nX-Forwarded-Proto: ${proto}\r\n\r\n`;
    const asked = [
      ...[from("192.0.2.1", "http"), from("192.0.2.1", "http")],
      ...[from("192.0.2.1", "https"), from("2001:DB8::7", "https")],
      from("unknown", "wss"),
    ];
    await exchange(address, asked.join(""), { responses: asked.length });
    assert.deepEqual(told, [
      ["192.0.2.1", "192.0.2.1", "http", false],
      ["192.0.2.1", "192.0.2.1", "http", false],
      ["192.0.2.1", "192.0.2.1", "https", true],
      ["2001:db8::7", "2001:db8::7", "https", true],
      [undefined, undefined, "http", false],
    ]);
    assert.equal(sockets[0], sockets[1]);
    assert.equal(new Set(sockets).size, 4);
    const isGone = sockets.map(({ destroyed }) => destroyed);
    assert.deepEqual(isGone, [true, true, true, true, false]);
    await once(sockets[4] as Socket, "close");
  });

  test("RFC 9110 §10.1.1 gets its body when it is read", async () => {
    const bytes =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" +
      "Content-Length: 3\r\n\r\n";
    const unread = await ask((_, response) => response.end("no"), bytes);
    assert.deepEqual(unread.interim, []);
    const { address } = await serve((request, response) => {
      request.pipe(response);
    });
    const socket = connect(address);
    socket.write(bytes);
    const [first] = await once(socket, "data");
    assert.match(String(first), /^HTTP\/1.1 100 Continue\r\n\r\n$/);
    socket.end("abc");
    const [second] = await once(socket, "data");
    assert.match(String(second), /^HTTP\/1.1 200 OK\r\n/);
    socket.destroy();
  });

  test("ends with an error where its client leaves it half", async () => {
    const failure = deferred<NodeJS.ErrnoException>();
    const { address } = await serve((request) => {
      request.resume().on("error", failure.resolve);
    });
    const socket = connect(address);
    socket.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
    setImmediate(() => socket.destroy());
    const { code, message } = await failure.promise;
    assert.deepEqual([code, message], ["ECONNRESET", "aborted"]);
  });

  test("that is destroyed takes its connection with it", async () => {
    const { raw } = await askUntilClosed((request) => request.destroy());
    assert.equal(raw.length, 0);
  });

  test("ends and closes after the answer, read or not", async () => {
    const events: string[] = [];
    const closed = deferred<void>();
    await ask((request, response) => {
      for (const event of ["end", "close"]) {
        request.on(event, () => events.push(`request ${event}`));
      }
      for (const event of ["finish", "close"]) {
        response.on(event, () => events.push(`response ${event}`));
      }
      request.on("close", closed.resolve);
      response.end();
    });
    await closed.promise;
    assert.deepEqual(events, [
      "response finish",
      "response close",
      "request end",
      "request close",
    ]);
  });
});

describe("the response of a listener for node:http", () => {
  test("is a real one, and is checked as such", async () => {
    const { status } = await ask((_, response) => {
      assert.ok(response instanceof ServerResponse);
      assert.equal(response.headersSent, false);
      assert.throws(() => response.setHeader("a b", "1"), {
        code: "ERR_INVALID_HTTP_TOKEN",
      });
      assert.throws(() => response.writeHead(200, { A: "\n" }), {
        code: "ERR_INVALID_CHAR",
      });
      assert.throws(() => response.write(null), {
        code: "ERR_STREAM_NULL_VALUES",
      });
      response.writeHead(202).end();
      assert.equal(response.headersSent, true);
      assert.equal(response.writableEnded, true);
      assert.throws(() => response.setHeader("A", "1"), {
        code: "ERR_HTTP_HEADERS_SENT",
      });
      assert.throws(() => response.writeHead(200), {
        code: "ERR_HTTP_HEADERS_SENT",
      });
    });
    assert.equal(status, 202);
  });

  test("takes fields in all forms", async () => {
    const forms: NodeListener[] = [
      (_, response) => response.writeHead(200, { A: "1", B: ["2", "3"] }),
      (_, response) => response.writeHead(200, ["A", "1", "B", "2", "B", "3"]),
      (_, response) => response.writeHead(200, "OK", { A: "1", B: ["2", "3"] }),
      (_, response) => {
        response.setHeader("A", "0").setHeader("B", ["2"]).setHeader("C", 1);
        response.appendHeader("B", "3").removeHeader("C");
        response.writeHead(200, { A: "1" });
      },
      (_, response) => {
        response.setHeaders(new Map([["A", "1"]]));
        response.setHeader("B", ["2", "3"]);
      },
    ];
    for (const form of forms) {
      const { address } = await serve((request, response) => {
        form(request, response);
        response.end();
      });
      const { responses } = await exchange(address, GET, { responses: 1 });
      const fields = responses[0]?.fields.filter(([name]) => name.length === 1);
      assert.deepEqual(fields, [
        ["A", "1"],
        ["B", "2"],
        ["B", "3"],
      ]);
    }
  });

  test("RFC 9112 §9.6 closes where the app says so", async () => {
    for (const say of [
      (response: ServerResponse) => response.setHeader("Connection", "close"),
      (response: ServerResponse) => {
        response.shouldKeepAlive = false;
      },
    ]) {
      const { raw, ending } = await askUntilClosed((_, response) => {
        say(response);
        response.end("bye");
      });
      assert.match(raw.toString(), /\r\nConnection: close\r\n/);
      assert.equal(ending, "fin");
    }
  });

  test("is sent as written: in encodings, as bytes, with callbacks", async () => {
    const events: string[] = [];
    const { text } = await ask((_, response) => {
      response.write("ö", "latin1", () => events.push("written"));
      response.write(Buffer.from("b"));
      response.write(new Uint8Array([99]));
      response.write("ZA==", "base64");
      response.end("é", () => events.push("ended"));
    });
    assert.equal(text, "\ufffdbcdé");
    assert.deepEqual(events, ["written", "ended"]);
  });

  test("holds the app back when its client does not read", async () => {
    const stalled = deferred<number>();
    const { address } = await serve(async (_, response) => {
      const piece = Buffer.alloc(65_536);
      let bytes = 0;
      let drained = Promise.resolve<unknown>(undefined);
      for (;;) {
        bytes += piece.length;
        if (response.write(piece)) continue;
        drained = once(response, "drain");
        const timer = setTimeout(() => stalled.resolve(bytes), 200);
        await drained;
        clearTimeout(timer);
      }
    });
    const socket = connect(address);
    socket.pause().write(GET);
    const bytes = await stalled.promise;
    assert.ok(bytes < 16 * 1024 * 1024, `${bytes} bytes`);
    socket.destroy();
  });

  test("RFC 9110 §8.6 has the length of a GET where it answers a HEAD", async () => {
    const head = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
    const known = await ask((_, response) => response.end("four"), head);
    assert.equal(known.field("content-length"), "4");
    const unknown = await ask((_, response) => response.end(), head);
    assert.equal(unknown.field("content-length"), undefined);
    assert.equal(unknown.field("transfer-encoding"), undefined);
  });

  const listeners: Record<string, NodeListener> = {
    "a text": (_, response) => response.end("four"),
    "bytes with a length": (_, response) => {
      response.writeHead(200, { "Content-Length": 4 }).end(Buffer.from("four"));
    },
    pieces: (_, response) => {
      response.write("fo");
      response.end("ur");
    },
    "pieces, later": (_, response) => {
      response.write("fo");
      setImmediate(() => response.end("ur"));
    },
    "pieces with a length": (_, response) => {
      response.setHeader("Content-Length", 4);
      response.write("fo");
      response.end("ur");
    },
    "a head that leaves first": (_, response) => {
      response.flushHeaders();
      response.end("four");
    },
    "no content": (_, response) => response.writeHead(204).end(),
    "a 304": (_, response) => response.writeHead(304).end("four"),
  };
  for (const [what, listener] of Object.entries(listeners)) {
    test(`RFC 9110 §9.3.2 frames a HEAD as a GET, with ${what}`, async () => {
      assert.deepEqual(
        await framingOf(listener, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"),
        await framingOf(listener, GET),
      );
    });
  }

  test("sends interim responses before it, and says when", async () => {
    const { address } = await serve((_, response) => {
      response.writeProcessing();
      const hints = { link: "</a.css>; rel=preload", "x-trace": "7" };
      response.writeEarlyHints(hints, () => response.end("ok"));
    });
    const socket = connect(address);
    socket.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const received = Buffer.concat(await socket.toArray());
    const [first, second, third] = String(received).split("\r\n\r\n");
    assert.equal(first, "HTTP/1.1 102 Processing");
    assert.deepEqual(
      second?.split("\r\n").map((line) => line.toLowerCase()),
      ["http/1.1 103 early hints", "link: </a.css>; rel=preload", "x-trace: 7"],
    );
    assert.match(third ?? "", /^HTTP\/1\.1 200 OK/);
  });

  test("sends no interim response to 1.0, nor after its head", async () => {
    const old = await ask((_, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      response.end();
    }, "GET / HTTP/1.0\r\n\r\n");
    assert.deepEqual([old.status, old.interim], [200, []]);
    const late = await ask((_, response) => {
      response.write("a");
      try {
        response.writeProcessing();
      } catch (error) {
        // Node throws here since version 24.
        const { code } = error as NodeJS.ErrnoException;
        assert.equal(code, "ERR_HTTP_HEADERS_SENT");
      }
      response.end("b");
    });
    assert.deepEqual([late.text, late.interim], ["ab", []]);
  });

  test("says 100 where the client waits for it, and once", async () => {
    const listener: NodeListener = (request, response) => {
      response.writeContinue();
      response.writeContinue();
      request.pipe(response);
    };
    const post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n";
    const expecting = await serve(listener);
    const socket = connect(expecting.address);
    socket.write(`${post}Expect: 100-continue\r\n\r\n`);
    const [first] = await once(socket, "data");
    assert.equal(String(first), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("abc");
    const [second] = await once(socket, "data");
    assert.match(String(second), /^HTTP\/1.1 200 OK\r\n/);
    socket.destroy();
    const { interim, text } = await ask(listener, `${post}\r\nabc`);
    assert.deepEqual([interim, text], [[], "abc"]);
  });

  test("lets no interim response be split", async () => {
    const thrown: unknown[] = [];
    const { status, interim } = await ask((_, response) => {
      for (const value of ["a\r\n\r\nHTTP/1.1 200 OK", "a\nb", "\0"]) {
        try {
          const hints = { link: "</a.css>; rel=preload", "x-a": value };
          response.writeEarlyHints(hints);
        } catch (error) {
          thrown.push(error);
        }
      }
      response.end();
    });
    assert.deepEqual([status, interim], [200, []]);
    assert.equal(thrown.length, 3);
    for (const error of thrown) assert.ok(error instanceof TypeError);
  });

  test("RFC 9110 §6.5 has trailers after its pieces", async () => {
    const { address } = await serve((_, response) => {
      response.setHeader("Trailer", "X-Sum");
      response.write("ab");
      setImmediate(() => {
        response.addTrailers({ "X-Sum": "7", "X-List": ["1", "2"] });
        response.end("c");
      });
    });
    const { responses } = await exchange(address, GET + GET, { responses: 2 });
    for (const { body, trailers, headers } of responses) {
      assert.equal(String(body), "abc");
      assert.equal(headers.trailer, "X-Sum");
      assert.deepEqual(trailers, [
        ["X-Sum", "7"],
        ["X-List", "1"],
        ["X-List", "2"],
      ]);
    }
  });

  test("RFC 9110 §6.5 has trailers after what it ends with", async () => {
    const listener: NodeListener = (_, response) => {
      response.addTrailers({ "X-Sum": "7" });
      response.end("abc");
    };
    const { address } = await serve(listener);
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.deepEqual(responses[0]?.trailers, [["X-Sum", "7"]]);
    assert.equal(String(responses[0]?.body), "abc");
    const head = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
    assert.deepEqual(
      await framingOf(listener, head),
      await framingOf(listener, GET),
    );
    const old = await ask(listener, "GET / HTTP/1.0\r\n\r\n");
    assert.deepEqual([old.text, old.field("content-length")], ["abc", "3"]);
  });

  test("RFC 9110 §6.5.1 has no trailers that frame, nor behind a length", async () => {
    const { address } = await serve((_, response) => {
      response.addTrailers({
        "Content-Length": "1",
        "Set-Cookie": "a=b",
        A: "",
      });
      response.end("abc");
    });
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.deepEqual(responses[0]?.trailers, [["A", ""]]);
    const declared = await ask((_, response) => {
      response.setHeader("Content-Length", 3);
      response.addTrailers({ A: "1" });
      response.end("abc");
    });
    assert.deepEqual(
      [declared.field("content-length"), declared.text],
      ["3", "abc"],
    );
  });

  test("has no status of interim responses", async () => {
    const error = deferred<unknown>();
    await ask((_, response) => {
      try {
        response.writeHead(101);
      } catch (thrown) {
        error.resolve(thrown);
      }
      response.writeHead(200).end();
    });
    assert.match(
      String(await error.promise),
      /RangeError: a final response's status/,
    );
  });

  test("flushes its head alone", async () => {
    const { address } = await serve((_, response) => {
      response.flushHeaders();
      response.socket?.once("close", () => response.end());
    });
    const socket = connect(address);
    socket.write(GET);
    const [head] = await once(socket, "data");
    assert.match(String(head), /^HTTP\/1.1 200 OK\r\n.*\r\n\r\n$/s);
    socket.destroy();
  });

  test("that is destroyed is not sent, or not whole", async () => {
    const none = await askUntilClosed((_, response) => response.destroy());
    assert.equal(none.raw.length, 0);
    const half = await askUntilClosed((_, response) => {
      response.write("half", () => response.destroy());
    });
    assert.match(half.raw.toString(), /half/);
    assert.equal(half.isPartial, true);
  });

  test("cannot be had by writing to the socket", async () => {
    const { raw } = await askUntilClosed(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
    });
    assert.equal(raw.length, 0);
  });

  test("times out as the app wishes", async () => {
    const { text } = await ask((_, response) => {
      response.setTimeout(20, () => response.end("too late"));
    });
    assert.equal(text, "too late");
    const { raw } = await askUntilClosed((_, response) => {
      response.setTimeout(20);
    });
    assert.equal(raw.length, 0);
  });

  test("is closed when the handler has had its time", async () => {
    const closed = deferred<boolean>();
    const { address } = await serve(
      (_, response) => {
        response.on("close", () => closed.resolve(response.writableEnded));
      },
      { limits: { handlerTimeoutMs: 20 } },
    );
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.equal(responses[0]?.status, 503);
    assert.equal(await closed.promise, false);
  });
});

describe("a listener for node:http that fails", () => {
  const { logger, lines } = memoryLogger();

  for (const [how, listener] of [
    [
      "at once",
      () => {
        throw new Error("broken");
      },
    ],
    [
      "later",
      async () => {
        throw new Error("broken");
      },
    ],
    [
      "behind its head",
      (_: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200);
        throw new Error("broken");
      },
    ],
  ] as const) {
    test(`${how} is a 500, and a line in the log`, async () => {
      setProcessLogger(logger);
      lines.length = 0;
      const { status } = await ask(listener);
      assert.equal(status, 500);
      assert.match(JSON.stringify(lines), /"message":"broken"/);
    });
  }

  test("midway closes the connection", async () => {
    const { isPartial } = await askUntilClosed(async (_, response) => {
      response.write("half");
      await once(response.socket as Socket, "none", {
        signal: AbortSignal.timeout(20),
      });
    });
    assert.equal(isPartial, true);
  });

  test("after its answer has been sent is a line in the log", async () => {
    setProcessLogger(logger);
    lines.length = 0;
    const { text } = await ask(async (_, response) => {
      response.end("sent");
      throw new Error("too late");
    });
    assert.equal(text, "sent");
    assert.match(JSON.stringify(lines), /failed after it had answered/);
  });
});

describe("a listener for node:http in an app", () => {
  const listener: NodeListener = ({ url }, response) => response.end(url);

  test("comes after the app's own routes, within its middleware", async () => {
    const app = serveNode(listener)
      .use(async (request, next) => (await next(request)).with("X-M", "1"))
      .get("/own", () => ok("own"));
    for (const [method, target, body] of [
      ["GET", "/own", "own"],
      ["POST", "/own", "/own"],
      ["GET", "/a/../b?c", "/a/../b?c"],
      ["LINK", "*", "*"],
    ] as const) {
      const response = await app.handle(new HttpRequest({ method, target }));
      assert.equal(response.body, body);
      assert.equal(response.headers.get("X-M"), "1");
    }
  });

  test("lets middleware answer where it takes too long", async () => {
    const closed = deferred<boolean>();
    const app = serveNode((_, response) => {
      response.on("close", () => closed.resolve(response.writableEnded));
    }).use(timeout({ timeoutMs: 20 }));
    const { address } = await serveHttp(app.handle.bind(app));
    const { responses } = await exchange(address, GET + GET, { responses: 2 });
    assert.deepEqual(
      responses.map(({ status }) => status),
      [503, 503],
    );
    assert.equal(await closed.promise, false);
  });

  test("runs under a pattern, or where no route has the path", async () => {
    const app = new App()
      .get("/old/*", nodeHandler(listener))
      .notFound(nodeHandler((_, response) => response.writeHead(404).end("?")));
    const body = async (target: string) =>
      (await app.handle(new HttpRequest({ target }))).body;
    assert.equal(await body("/old/x"), "/old/x");
    assert.equal(await body("/new"), "?");
  });

  test("is a function or a server", () => {
    assert.throws(() => serveNode({} as never), {
      name: "TypeError",
      message:
        "a listener is a function of (request, response), as " +
        "http.createServer() takes, or a server of http.createServer(), " +
        "not object",
    });
  });
});

describe("onUpgrade", () => {
  test("takes WebSockets on any path, beside an Express app", async () => {
    const app = express();
    app.get("/", (_, response) => void response.send("page"));
    const sockets = new WebSocketServer({ noServer: true });
    const { address } = await serve(app, {
      onUpgrade: (request, socket, head) => {
        sockets.handleUpgrade(request, socket, head, (client) => {
          client.send(`you are at ${request.url}`);
          client.on("message", (data: RawData) => client.send(`${data}!`));
        });
      },
    });
    assert.ok("port" in address);
    const url = `ws://127.0.0.1:${address.port}/any/path`;
    const client = new WebSocket(url);
    const [greeting] = await once(client, "message");
    assert.equal(String(greeting), "you are at /any/path");
    client.send("echo");
    const [echo] = await once(client, "message");
    assert.equal(String(echo), "echo!");
    client.close();
    await once(client, "close");
    const { responses } = await exchange(address, GET, { responses: 1 });
    assert.equal(String(responses[0]?.body), "page");
  });

  test("is given a socket that tells of the client", async () => {
    const told = deferred<unknown>();
    const { address } = await serve(() => assert.fail("never called"), {
      forwarding: {
        trustProxy: ["127.0.0.1"],
        forwardedFields: ["X-Forwarded-For", "X-Forwarded-Proto"],
      },
      onUpgrade: (request, socket) => {
        const { remoteAddress, remoteFamily } = request.socket;
        const { encrypted } = socket as { encrypted?: boolean };
        told.resolve([remoteAddress, remoteFamily, encrypted]);
        socket.destroy();
      },
    });
    const lines = [
      ...["GET / HTTP/1.1", "Host: h", "Connection: upgrade"],
      ...["Upgrade: websocket", "X-Forwarded-For: 2001:db8::7"],
      ...["X-Forwarded-Proto: https", "", ""],
    ];
    await exchange(address, lines.join("\r\n"), { untilClosed: true });
    assert.deepEqual(await told.promise, ["2001:db8::7", "IPv6", true]);
  });

  test("is not asked for other protocols, nor where there is none", async () => {
    const upgrade = (protocol: string) =>
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n" +
      `Upgrade: ${protocol}\r\n\r\n`;
    const app: NodeListener = (_, response) => response.end("plain");
    assert.equal((await ask(app, upgrade("websocket"))).text, "plain");
    const options = { onUpgrade: () => assert.fail("never called") };
    const { address } = await serve(app, options);
    const { responses } = await exchange(address, upgrade("h2c"), {
      responses: 1,
    });
    assert.equal(String(responses[0]?.body), "plain");
  });
});
