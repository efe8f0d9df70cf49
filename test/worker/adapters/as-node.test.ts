/** What an app answers comes to the client as from Node's own server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { serveNode } from "../../../src/serve-node.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serveHttp } from "../http1/served-http1.ts";

const GET = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const OWN = ["date", "connection", "keep-alive", "server"];

async function answerOf(address: { port: number }, bytes: string) {
  const { responses } = await exchange(address, bytes, { untilClosed: true });
  const [response] = responses;
  assert.ok(response);
  const { status, reason, fields, body, trailers } = response;
  const own = fields.filter(([name]) => !OWN.includes(name.toLowerCase()));
  return { status, reason, fields: own, body: body.toString(), trailers };
}

async function underNode(t: TestContext, listener: RequestListener) {
  const server = createServer(listener).listen(0);
  t.after(() => server.close());
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port };
}

const LISTENERS: Readonly<Record<string, RequestListener>> = {
  "a status over 599": ({ method }, response) => {
    response.statusCode = 700;
    response.statusMessage = "Own";
    // To HEAD, Node does not say which length a GET would get.
    response.end(method === "GET" ? "x" : undefined);
  },
  "a status of its own without a phrase": (_, response) => {
    response.statusCode = 999;
    response.end();
  },
  "the refusal of another encoding for the socket": (request, response) => {
    let code: unknown;
    try {
      request.socket.setEncoding("utf8");
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code;
    }
    response.setHeader("X-Code", String(code));
    response.end();
  },
  "chunks, because it says so": (_, response) => {
    response.setHeader("Transfer-Encoding", "chunked");
    response.end("content");
  },
  "an empty chunked body": (_, response) => {
    response.setHeader("Transfer-Encoding", "chunked");
    response.end();
  },
  "trailers behind content": (_, response) => {
    response.setHeader("Trailer", "X-Sum");
    response.setHeader("Transfer-Encoding", "chunked");
    response.write("content");
    response.addTrailers({ "X-Sum": "7" });
    response.end();
  },
  "trailers without content": (_, response) => {
    response.setHeader("Trailer", "X-Sum");
    response.setHeader("Transfer-Encoding", "chunked");
    response.addTrailers({ "X-Sum": "0" });
    response.end();
  },
};

describe("a listener's response", () => {
  for (const [name, listener] of Object.entries(LISTENERS)) {
    for (const method of ["GET", "HEAD"]) {
      test(`to ${method} with ${name} is that of Node`, async (t) => {
        const bytes = GET.replace("GET", method);
        const expected = await answerOf(await underNode(t, listener), bytes);
        const app = serveNode(listener);
        const { address } = await serveHttp(app.handle.bind(app), {});
        assert.ok("port" in address);
        assert.deepEqual(await answerOf(address, bytes), expected);
      });
    }
  }
});

describe("a body that is malformed", () => {
  test("is an error of the request's socket", async (t) => {
    const seen: Promise<unknown>[] = [];
    const listener: RequestListener = ({ socket }) => {
      const { promise, resolve } = deferred<unknown>();
      socket.on("error", resolve);
      socket.on("close", () => resolve(undefined));
      seen.push(promise);
    };
    const app = serveNode(listener);
    const { address: here } = await serveHttp(app.handle.bind(app), {});
    for (const address of [await underNode(t, listener), here]) {
      const client = connect(address);
      client.write("POST / HTTP/1.1\r\nHost: h\r\n");
      client.write("Transfer-Encoding: chunked\r\n\r\nzz\r\n");
      client.resume();
      await once(client, "close");
      assert.ok((await seen.at(-1)) instanceof Error);
    }
  });
});

/** Its answer under Node, and here. */
async function bothAnswers(t: TestContext, make: () => Server, bytes: string) {
  const alone = make().listen(0);
  t.after(() => alone.close());
  await once(alone, "listening");
  const { port } = alone.address() as AddressInfo;
  const app = serveNode(make());
  const { address } = await serveHttp(app.handle.bind(app), {
    limits: { accepts: app.accepts },
  });
  assert.ok("port" in address);
  return [await answerOf({ port }, bytes), await answerOf(address, bytes)];
}

describe("what a server listens for, and its options", () => {
  for (const value of ["100-continue", "own", "100-continue, own"]) {
    for (const body of ["", "Content-Length: 0\r\n"]) {
      test(`decide on Expect: ${value}, ${body || "no body"}`, async (t) => {
        const make = () => {
          const server = createServer((_, response) => response.end("plain"));
          server.on("checkContinue", (_, response) => {
            response.writeHead(200, { "Content-Length": 8 }).end("continue");
          });
          server.on("checkExpectation", (_, response) => {
            response.writeHead(417, { "Content-Length": 8 }).end("expected");
          });
          return server;
        };
        const bytes = GET.replace(
          "\r\n\r\n",
          `\r\n${body}Expect: ${value}\r\n\r\n`,
        );
        const [expected, answer] = await bothAnswers(t, make, bytes);
        assert.deepEqual(answer, expected);
      });
    }
  }

  test("join fields that came twice", async (t) => {
    const make = () => {
      return createServer(
        { joinDuplicateHeaders: true },
        (request, response) => {
          const { authorization = "" } = request.headers;
          response.setHeader("Content-Length", authorization.length);
          response.end(authorization);
        },
      );
    };
    const twice = "\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n";
    const bytes = GET.replace("\r\n\r\n", twice);
    const [expected, answer] = await bothAnswers(t, make, bytes);
    assert.equal(answer?.body, "a, b");
    assert.deepEqual(answer, expected);
  });

  test("see bytes that wait in bytesWritten", async (t) => {
    const make = () => {
      return createServer((request, response) => {
        response.write("x".repeat(100_000));
        const isCounted = request.socket.bytesWritten >= 100_000;
        response.end(String(isCounted));
      });
    };
    // Node 26 counts them a little later.
    const [, answer] = await bothAnswers(t, make, GET);
    assert.ok(answer?.body.endsWith("true"));
  });
});

describe("CONNECT", () => {
  test("is given to a server that listens for it", async () => {
    const server = createServer((_, response) => response.end("plain"));
    server.on("connect", ({ method, url }, socket: Socket, head) => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.write(`${method} ${url} ${head}`);
      socket.pipe(socket);
    });
    const app = serveNode(server);
    const { address } = await serveHttp(app.handle.bind(app), {
      limits: { accepts: app.accepts },
    });
    const client = connect(address);
    client.write("CONNECT other:443 HTTP/1.1\r\nHost: h\r\n\r\nhead");
    let text = "";
    client.on("data", (chunk) => {
      text += chunk;
    });
    const answer =
      "HTTP/1.1 200 Connection Established\r\n\r\nCONNECT other:443 head";
    await waitUntil(() => text === answer, { what: answer });
    client.write("tunnelled");
    await waitUntil(() => text === `${answer}tunnelled`, { what: "the echo" });
    client.destroy();
  });

  for (const [line, status] of [
    ["CONNECT other HTTP/1.1", 400],
    ["CONNECT /path HTTP/1.1", 400],
    ["CONNECT other:443 HTTP/1.1\r\nContent-Length: 1", 400],
  ] as const) {
    test(`with ${JSON.stringify(line)} is a ${status}`, async () => {
      const server = createServer();
      server.on("connect", () => assert.fail("tunnelled"));
      const app = serveNode(server);
      const { address } = await serveHttp(app.handle.bind(app), {
        limits: { accepts: app.accepts },
      });
      assert.ok("port" in address);
      const bytes = `${line}\r\nHost: h\r\n\r\n`;
      assert.equal((await answerOf(address, bytes)).status, status);
    });
  }

  test("is a 501 where nobody listens for it", async () => {
    const app = serveNode(createServer());
    const { address } = await serveHttp(app.handle.bind(app), {
      limits: { accepts: app.accepts },
    });
    assert.ok("port" in address);
    const bytes = "CONNECT other:443 HTTP/1.1\r\nHost: h\r\n\r\n";
    assert.equal((await answerOf(address, bytes)).status, 501);
  });
});
