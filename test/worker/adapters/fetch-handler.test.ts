import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { streamSSE } from "hono/streaming";
import { serveFetch } from "../../../src/serve-fetch.ts";
import { setProcessLogger } from "../../../src/shared/logging/logger.ts";
import { fetchHandler } from "../../../src/worker/adapters/fetch-handler.ts";
import { LightRequest } from "../../../src/worker/adapters/light-request.ts";
import { nativeFetchApi } from "../../../src/worker/adapters/native-fetch-api.ts";
import { App } from "../../../src/worker/app/app.ts";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { serveHttp } from "../http1/served-http1.ts";
import { memoryLogger } from "../memory-logger.ts";

type Fetch = Parameters<typeof fetchHandler>[0];

function serve(fetch: Fetch) {
  const app = serveFetch(fetch);
  return serveHttp(app.handle.bind(app));
}

async function ask(fetch: Fetch, ...requests: string[]) {
  const { address } = await serve(fetch);
  const methods = requests.map((each) => each.slice(0, each.indexOf(" ")));
  const options = { responses: requests.length, methods };
  const { responses } = await exchange(address, requests.join(""), options);
  return responses.map((response) => ({
    ...response,
    text: response.body.toString(),
    all: (name: string) =>
      response.fields
        .filter(([each]) => each.toLowerCase() === name)
        .map(([, value]) => value),
  }));
}

async function askOne(fetch: Fetch, request: string) {
  const [response] = await ask(fetch, request);
  assert.ok(response);
  return response;
}

const get = (target: string, fields = "") =>
  `GET ${target} HTTP/1.1\r\nHost: shop.example:81\r\n${fields}\r\n`;

const post = (target: string, type: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`;

/** A piece in each turn. */
function piecesOf(...texts: string[]): ReadableStream<Uint8Array> {
  const rest = [...texts];
  return new ReadableStream(
    {
      async pull(controller) {
        await nextTurn();
        const text = rest.shift();
        if (text === undefined) controller.close();
        else controller.enqueue(Buffer.from(text));
      },
    },
    { highWaterMark: 0 },
  );
}

describe("the Request of a fetch handler", () => {
  test("says what was asked", async () => {
    let seen: Request | undefined;
    const fetch = (request: Request) => {
      seen = request;
      return new Response();
    };
    await askOne(fetch, get("/a%20b?q=1", "X-A: 1\r\nX-A: 2\r\n"));
    assert.ok(seen instanceof Request);
    assert.equal(seen.url, "http://shop.example:81/a%20b?q=1");
    assert.equal(seen.method, "GET");
    assert.equal(seen.headers.get("x-a"), "1, 2");
    assert.equal(seen.body, null);
    assert.equal(new Request(seen).url, seen.url);
  });

  test("is a native one where the globals are to stay", async () => {
    let seen: Request | undefined;
    const handler = fetchHandler(
      (request) => {
        seen = request;
        return new (nativeFetchApi().Response)("native");
      },
      { replaceGlobals: false },
    );
    const { body } = await handler(new HttpRequest({ target: "/a" }));
    assert.equal(String(Buffer.from(body as Uint8Array)), "native");
    assert.equal(seen?.url, "http://localhost/a");
    assert.ok(!(seen instanceof (LightRequest as never)));
  });

  test("has a body that streams", async () => {
    const fetch = async (request: Request) => {
      const pieces: string[] = [];
      for await (const piece of request.body ?? []) {
        pieces.push(Buffer.from(piece).toString());
      }
      const body = pieces.join("");
      return Response.json({ body, isUsed: request.bodyUsed });
    };
    const chunked =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    const { text } = await askOne(fetch, chunked);
    assert.deepEqual(JSON.parse(text), { body: "abcde", isUsed: true });
  });

  test("RFC 9110 §10.1.1 asks for the body when it is read", async () => {
    const request =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" +
      "Content-Length: 3\r\n\r\n";
    const unread = await askOne(() => new Response("no"), request);
    assert.deepEqual(unread.interim, []);
    const read = await askOne(
      async (asked) => new Response(await asked.text()),
      `${request}abc`,
    );
    assert.equal(read.text, "abc");
  });

  test("comes with the server's own", async () => {
    const fetch: Fetch = (_, served) => new Response(served.remoteAddress);
    assert.equal((await askOne(fetch, get("/"))).text, "127.0.0.1");
  });

  test("has a signal that aborts when the client leaves", async () => {
    const aborted = deferred<unknown>();
    const asked = deferred<void>();
    const { address } = await serve((request) => {
      request.signal.addEventListener("abort", () => {
        aborted.resolve(request.signal.aborted);
      });
      asked.resolve();
      return new Promise(() => {});
    });
    const socket = connect(address);
    socket.write(get("/"));
    await asked.promise;
    socket.resetAndDestroy();
    assert.equal(await aborted.promise, true);
  });

  for (const leave of ["end", "destroy"] as const) {
    test(`has a signal that aborts when the client says FIN: ${leave}()`, async () => {
      const asked = deferred<void>();
      const aborted = deferred<unknown>();
      const { address } = await serve((request) => {
        request.signal.addEventListener("abort", () => {
          aborted.resolve(request.signal.reason.name);
        });
        asked.resolve();
        return new Promise(() => {});
      });
      const socket = connect(address);
      socket.write(get("/"));
      await asked.promise;
      socket[leave]();
      assert.equal(await aborted.promise, "RequestAborted");
      socket.destroy();
    });
  }

  test("RFC 9112 §9.6 is answered where its client ends only its side", async () => {
    const fetch: Fetch = async ({ signal, url }) => {
      if (url.endsWith("/ask-later")) {
        await waitUntil(() => signal.aborted, { what: "the client's FIN" });
      } else if (!signal.aborted) {
        await new Promise((resolve) => {
          signal.addEventListener("abort", resolve);
        });
      }
      return new Response(String(signal.aborted));
    };
    for (const target of ["/", "/ask-later"]) {
      const socket = connect((await serve(fetch)).address);
      socket.end(get(target));
      let received = "";
      for await (const chunk of socket) received += chunk;
      assert.match(received, /^HTTP\/1.1 200 .*\r\n\r\ntrue$/s);
    }
  });

  test("that gives up with its client is no failure", async () => {
    const { logger, lines } = memoryLogger();
    setProcessLogger(logger);
    for (const how of ["its reason", "an error of its own"]) {
      const { address } = await serve(({ signal }) => {
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            const own = new DOMException("gone", "AbortError");
            reject(how === "its reason" ? signal.reason : own);
          });
        });
      });
      const socket = connect(address);
      socket.end(get("/"));
      let received = "";
      for await (const chunk of socket) received += chunk;
      assert.match(received, /^HTTP\/1.1 499 /, how);
    }
    assert.deepEqual(lines, []);
  });

  test("RFC 9110 §9.3.8 is not made for what fetch refuses", async () => {
    const fetch = () => assert.fail("never called");
    const { status } = await askOne(
      fetch,
      "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n",
    );
    assert.equal(status, 501);
  });

  test("is not made of a Host that no URL has", async () => {
    const fetch = () => assert.fail("never called");
    const handler = fetchHandler(fetch);
    const request = new HttpRequest({ headers: { Host: "a b" } });
    await assert.rejects(async () => handler(request), { status: 400 });
  });
});

describe("the Response of a fetch handler", () => {
  test("is sent with its length where it is whole", async () => {
    const response = await askOne(
      () => new Response("wörld", { status: 201, statusText: "Made" }),
      get("/"),
    );
    assert.equal(response.status, 201);
    assert.equal(response.reason, "Made");
    assert.deepEqual(response.all("content-length"), ["6"]);
    assert.equal(response.text, "wörld");
  });

  test("is sent in chunks where it streams", async () => {
    const encoder = new TextEncoder();
    const stream = new ReadableStream({
      async start(controller) {
        for (const piece of ["one ", "two ", "three"]) {
          controller.enqueue(encoder.encode(piece));
          await new Promise(setImmediate);
        }
        controller.close();
      },
    });
    const response = await askOne(() => new Response(stream), get("/"));
    assert.deepEqual(response.all("transfer-encoding"), ["chunked"]);
    assert.equal(response.text, "one two three");
  });

  test("RFC 6265 §3 keeps its cookies apart", async () => {
    const headers = new Headers({ "Set-Cookie": "a=1" });
    headers.append("Set-Cookie", "b=2, c");
    const fetch = () => new Response(null, { headers });
    const response = await askOne(fetch, get("/"));
    assert.deepEqual(response.all("set-cookie"), ["a=1", "b=2, c"]);
    assert.deepEqual(response.all("content-length"), ["0"]);
  });

  test("has no content for a HEAD, and no length that is not so", async () => {
    const told = () =>
      new Response("abc", { headers: { "Content-Length": "3" } });
    const head = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
    const withLength = await askOne(told, head);
    assert.deepEqual(withLength.all("content-length"), ["3"]);
    const without = await askOne(() => new Response(null), head);
    assert.deepEqual(without.all("content-length"), []);
    assert.deepEqual(without.all("transfer-encoding"), []);
  });

  const framed: Record<string, Fetch> = {
    "a text": () => new Response("wörld"),
    bytes: () => new Response(new Uint8Array(3)),
    "a native one": () => new Response("abc").clone(),
    "a native one with JSON": () => Response.json({ a: 1 }),
    "one piece": () => new Response(piecesOf("abc")),
    "two pieces, later": () => new Response(piecesOf("abc", "def")),
    "a length": () => {
      return new Response(piecesOf("a", "b"), {
        headers: { "Content-Length": "2" },
      });
    },
    "no content": () => new Response(null, { status: 204 }),
    "a framework that takes the body from it": async ({ method }) => {
      const response = new Response("wörld", { status: 201 });
      return method === "HEAD" ? new Response(null, response) : response;
    },
  };
  for (const [what, fetch] of Object.entries(framed)) {
    test(`RFC 9110 §9.3.2 frames a HEAD as a GET, with ${what}`, async () => {
      const framing = async (bytes: string) => {
        const { status, all } = await askOne(fetch, bytes);
        return [status, all("content-length"), all("transfer-encoding")];
      };
      assert.deepEqual(
        await framing("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"),
        await framing(get("/")),
      );
    });
  }

  test("is cancelled when the client leaves", async () => {
    const cancelled = deferred<void>();
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => cancelled.resolve(),
    });
    const { address } = await serve(() => new Response(stream));
    const socket = connect(address);
    socket.write(get("/"));
    socket.once("data", () => socket.destroy());
    await cancelled.promise;
  });

  test("that fails midway closes the connection", async () => {
    const failing = () =>
      new ReadableStream({
        async pull(controller) {
          controller.enqueue(new Uint8Array(3));
          await new Promise(setImmediate);
          controller.error(new Error("broken"));
        },
      });
    const { address } = await serve(() => new Response(failing()));
    const { isPartial } = await exchange(address, get("/"), {
      untilClosed: true,
    });
    assert.equal(isPartial, true);
  });

  for (const [title, fetch, message] of [
    ["nothing", () => undefined, /a fetch handler returns a Response, not un/],
    [
      "what is none",
      () => "text",
      /a fetch handler returns a Response, not st/,
    ],
    ["Response.error()", () => Response.error(), /cannot be sent: it has no/],
    [
      "one whose body is used",
      async () => {
        const response = new Response("abc");
        await response.text();
        return response;
      },
      /has been used already: to read it and send it, read response\.clone/,
    ],
    [
      "an exception",
      () => {
        throw new Error("broken");
      },
      /broken/,
    ],
  ] as const) {
    test(`instead of which there is ${title} is a 500`, async () => {
      const { logger, lines } = memoryLogger();
      setProcessLogger(logger);
      const response = await askOne(fetch as never, get("/"));
      assert.equal(response.status, 500);
      assert.match(JSON.stringify(lines), message);
    });
  }
});

describe("a Hono app", () => {
  const hono = new Hono();
  hono.get("/", (c) => c.json({ hello: "wörld" }));
  hono.get("/users/:id", (c) => c.text(c.req.param("id")));
  hono.post("/json", async (c) => c.json({ got: await c.req.json() }, 201));
  hono.post("/form", async (c) => c.json(await c.req.parseBody()));
  hono.post("/limited", bodyLimit({ maxSize: 3 }), async (c) => {
    return c.text(await c.req.text());
  });
  hono.get("/events", (c) =>
    streamSSE(c, async (events) => {
      for (const data of ["1", "2"]) await events.writeSSE({ data });
    }),
  );
  hono.get("/throw", () => {
    throw new Error("broken");
  });
  hono.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    return c.text(`page of ${error.message}`, 500);
  });

  test("answers as it would elsewhere", async () => {
    const form = "application/x-www-form-urlencoded";
    const requests = [
      get("/"),
      get("/users/7"),
      post("/json", "application/json", '{"a":[1]}'),
      post("/form", form, "a=1&b=x+y"),
      post("/limited", "text/plain", "abc"),
      post("/limited", "text/plain", "abcd"),
      get("/events"),
      get("/throw"),
      get("/missing"),
      "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
    ];
    const responses = await ask((request) => hono.fetch(request), ...requests);
    assert.deepEqual(
      responses.map(({ status, text }) => [status, text]),
      [
        [200, '{"hello":"wörld"}'],
        [200, "7"],
        [201, '{"got":{"a":[1]}}'],
        [200, '{"a":"1","b":"x y"}'],
        [200, "abc"],
        [413, "Payload Too Large"],
        [200, "data: 1\n\ndata: 2\n\n"],
        [500, "page of broken"],
        [404, "404 Not Found"],
        [200, ""],
      ],
    );
    assert.deepEqual(responses[0]?.all("content-type"), ["application/json"]);
  });

  test("runs under a pattern of another app", async () => {
    const app = new App();
    app.get(
      "/api/*",
      fetchHandler(
        new Hono().basePath("/api").get("/x", (c) => c.text("x")).fetch,
      ),
    );
    const { status, body } = await app.handle(
      new HttpRequest({ target: "/api/x" }),
    );
    assert.deepEqual(
      [status, String(Buffer.from(body as Uint8Array))],
      [200, "x"],
    );
  });
});

test("a fetch handler is a function", () => {
  assert.throws(() => serveFetch(new Hono() as never), {
    name: "TypeError",
    message:
      "a fetch handler is a function of a Request, as Hono's app.fetch, " +
      "not object",
  });
});
