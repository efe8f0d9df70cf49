/**
 * An app that closes its connection behind its answer, in all ways that there
 * are. Each case runs under node:http too: what that delivers is delivered.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import type { NodeListener } from "../../../src/worker/adapters/node-handler.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { SERVERS, serveWith } from "./both-servers.ts";

type Close = (request: IncomingMessage, response: ServerResponse) => void;
type When = (response: ServerResponse, close: () => void) => void;
type Answer = (response: ServerResponse) => void;

const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const TEXT = "an answer";
const BIG = Buffer.alloc(8_000_000, "b");

const REQUESTS = {
  GET,
  "GET with close": GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
  "HTTP/1.0": "GET / HTTP/1.0\r\n\r\n",
  "POST with an unread body":
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde",
  "POST with half a body":
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nhalf",
};

const ALL_CLOSES: Readonly<Record<string, Close>> = {
  "request.destroy()": (request) => request.destroy(),
  "response.destroy()": (_, response) => response.destroy(),
  "socket.end()": ({ socket }) => socket.end(),
  "socket.destroySoon()": ({ socket }) => socket.destroySoon(),
  "socket.destroy()": ({ socket }) => socket.destroy(),
};
/** A response that has been finished has left its socket. */
const SOCKET_CLOSES = Object.fromEntries(
  Object.entries(ALL_CLOSES).filter(([name]) => name.startsWith("socket")),
);

const AT_ONCE: When = (_, close) => close();
const LATER: Readonly<Record<string, When>> = {
  "in the next tick": (_, close) => process.nextTick(close),
  "in a microtask": (_, close) => queueMicrotask(close),
  "in the next turn": (_, close) => setImmediate(close),
  "on finish": (response, close) => response.on("finish", close),
  "on close": (response, close) => response.on("close", close),
};

const ANSWERS: Readonly<Record<string, Answer>> = {
  whole: (response) => response.end(TEXT),
  "in pieces": (response) => {
    response.write(TEXT.slice(0, 3));
    response.end(TEXT.slice(3));
  },
};

function listenerOf(answer: Answer, when: When, close: Close): NodeListener {
  return (request, response) => {
    answer(response);
    when(response, () => close(request, response));
  };
}

function late(listener: NodeListener): NodeListener {
  return (request, response) => {
    setImmediate(listener, request, response);
  };
}

for (const kind of SERVERS) {
  describe(`under ${kind} an answer is delivered, then FIN`, () => {
    const cases = [
      ...Object.entries(ALL_CLOSES).map(
        ([how, close]) => [how, "at once", AT_ONCE, close] as const,
      ),
      ...Object.entries(SOCKET_CLOSES).flatMap(([how, close]) =>
        Object.entries(LATER).map(
          ([when, wait]) => [how, when, wait, close] as const,
        ),
      ),
    ];
    for (const [how, when, wait, close] of cases) {
      test(`by ${how} ${when}`, async (t) => {
        for (const [form, answer] of Object.entries(ANSWERS)) {
          const atOnce = listenerOf(answer, wait, close);
          for (const listener of [atOnce, late(atOnce)]) {
            const address = await serveWith(kind, t, listener);
            for (const [name, bytes] of Object.entries(REQUESTS)) {
              const { responses, ending } = await exchange(address, bytes, {
                untilClosed: true,
              });
              const what = `${name}, ${form}`;
              assert.equal(String(responses[0]?.body), TEXT, what);
              assert.equal(ending, "fin", what);
            }
          }
        }
      });
    }

    for (const how of ["socket.end()", "socket.destroySoon()"]) {
      test(`by ${how} however long the answer`, async (t) => {
        const close = ALL_CLOSES[how] as Close;
        const end: Answer = (response) => response.end(BIG);
        const address = await serveWith(
          kind,
          t,
          listenerOf(end, AT_ONCE, close),
        );
        const { responses, ending } = await exchange(address, GET, {
          untilClosed: true,
        });
        assert.equal(responses[0]?.body.length, BIG.length);
        assert.equal(ending, "fin");
      });
    }

    test("by socket.destroy() between two requests", async (t) => {
      let socket: Socket | undefined;
      const address = await serveWith(kind, t, (request, response) => {
        socket = request.socket;
        response.end(TEXT);
      });
      const client = connect(address);
      client.write(GET);
      await once(client, "data");
      socket?.destroy();
      await once(client, "end");
      client.destroy();
    });
  });

  describe(`under ${kind} an answer that is not whole`, () => {
    for (const [how, close] of Object.entries(ALL_CLOSES)) {
      test(`is sent as far as it was: ${how}`, async (t) => {
        const address = await serveWith(kind, t, (request, response) => {
          response.write("half", () => {
            setImmediate(() => close(request, response));
          });
        });
        const { raw, isPartial, ending } = await exchange(address, GET, {
          untilClosed: true,
        });
        assert.match(String(raw), /\r\nhalf\r\n$/);
        assert.deepEqual([isPartial, ending], [true, "fin"]);
      });

      test(`is not sent before it has begun: ${how}`, async (t) => {
        const address = await serveWith(kind, t, close);
        const { raw, ending } = await exchange(address, GET, {
          untilClosed: true,
        });
        assert.deepEqual([raw.length, ending], [0, "fin"]);
      });
    }
  });

  test(`under ${kind} a request that is over leaves the next one alone`, async (t) => {
    const requests: IncomingMessage[] = [];
    const address = await serveWith(kind, t, (request, response) => {
      requests.push(request.resume());
      requests.at(-2)?.destroy();
      setImmediate(() => response.end(TEXT));
    });
    const client = connect(address);
    for (const _ of [1, 2]) {
      client.write(GET);
      const [bytes] = await once(client, "data");
      assert.match(String(bytes), /an answer$/);
    }
    client.destroy();
  });
}

describe("an answer of this server", () => {
  for (const [how, close] of Object.entries(ALL_CLOSES)) {
    test(`that has been ended is whole, however long: ${how}`, async (t) => {
      for (const wait of [AT_ONCE, ...Object.values(LATER).slice(0, 3)]) {
        const end: Answer = (response) => response.end(BIG);
        const listener = listenerOf(end, wait, close);
        const address = await serveWith("this server", t, listener);
        // Without Connection: close the destroyed one is the last all the same.
        const bytes = REQUESTS["GET with close"];
        const { responses } = await exchange(address, bytes, { responses: 1 });
        assert.equal(responses[0]?.body.length, BIG.length);
      }
    });
  }

  test("whose end only FIN would mark is reset where it is half", async (t) => {
    const begun = deferred<ServerResponse>();
    const address = await serveWith("this server", t, (_, response) => {
      response.write("half");
      begun.resolve(response);
    });
    const client = connect(address);
    client.write(REQUESTS["HTTP/1.0"]);
    await once(client, "data");
    (await begun.promise).destroy();
    const [error] = await once(client, "error");
    assert.equal((error as NodeJS.ErrnoException).code, "ECONNRESET");
  });

  test("is sent as it was written before socket.end()", async (t) => {
    const address = await serveWith(
      "this server",
      t,
      ({ socket }, response) => {
        response.write("half");
        socket.end();
      },
    );
    const { raw, isPartial, ending } = await exchange(address, GET, {
      untilClosed: true,
    });
    assert.match(String(raw), /\r\nhalf\r\n$/);
    assert.deepEqual([isPartial, ending], [true, "fin"]);
  });

  test("is gone at once where the app resets", async (t) => {
    const closed = deferred<boolean>();
    const address = await serveWith(
      "this server",
      t,
      ({ socket }, response) => {
        response.on("close", () => closed.resolve(response.writableFinished));
        response.end(BIG);
        setImmediate(() => socket.resetAndDestroy());
      },
    );
    const client = connect(address).pause();
    client.write(GET);
    client.on("error", () => {});
    assert.equal(await closed.promise, false);
    client.destroy();
  });
});
