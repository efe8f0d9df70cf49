/**
 * An app that answers first and reads the request's body then, as those that
 * acknowledge a webhook at once. What node:http delivers is delivered.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { serveFetch } from "../../../src/serve-fetch.ts";
import type { NodeListener } from "../../../src/worker/adapters/node-handler.ts";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect, type ServerAddress } from "../../support/server-address.ts";
import { serveHttp } from "../http1/served-http1.ts";
import { SERVERS, serveWith } from "./both-servers.ts";

const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const CLOSE = "Connection: close\r\n";

function headOf(bytes: number, fields = ""): string {
  return `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\n${fields}\r\n`;
}

/** The body as an app has read it, and the events of the request. */
interface Outcome {
  readonly text: string;
  readonly events: readonly string[];
  readonly isComplete: boolean;
}

async function outcomeOf(request: IncomingMessage): Promise<Outcome> {
  const chunks: Buffer[] = [];
  const events: string[] = [];
  request.on("data", (chunk) => chunks.push(chunk));
  for (const event of ["end", "aborted", "error", "close"]) {
    request.on(event, () => events.push(event));
  }
  await new Promise((resolve) => request.on("close", resolve));
  const { complete: isComplete } = request;
  return { text: String(Buffer.concat(chunks)), events, isComplete };
}

const WHOLE = {
  text: "0123456789",
  events: ["end", "close"],
  isComplete: true,
};

/** In which order an app may answer and begin to read. */
const ORDERS: Readonly<Record<string, (...of: Parts) => Promise<Outcome>>> = {
  "ends, then reads": (request, response) => {
    response.end("ok");
    return outcomeOf(request);
  },
  "begins to read, then ends": (request, response) => {
    const outcome = outcomeOf(request);
    response.end("ok");
    return outcome;
  },
  "writes and ends, then reads": (request, response) => {
    response.write("o");
    response.end("k");
    return outcomeOf(request);
  },
  "iterates after its end": async (request, response) => {
    response.end("ok");
    let text = "";
    for await (const chunk of request) text += chunk;
    await new Promise(setImmediate);
    const { complete: isComplete } = request;
    return { text, events: ["end", "close"], isComplete };
  },
};
type Parts = Parameters<NodeListener>;

/** Each request's outcome, in turn. */
function listenerOf(
  order: (...of: Parts) => Promise<Outcome>,
  isLate: boolean,
) {
  const outcome = deferred<Outcome>();
  const run: NodeListener = (request, response) => {
    order(request, response).then(outcome.resolve, outcome.reject);
  };
  const listener: NodeListener = (request, response) => {
    if (request.method === "GET") response.end("next");
    else if (isLate) setImmediate(run, request, response);
    else run(request, response);
  };
  return { listener, outcome: outcome.promise };
}

/** Sends the pieces one after the other, and waits for what comes last. */
async function send(address: ServerAddress, pieces: readonly string[]) {
  const socket = connect(address);
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  for (const piece of pieces) {
    if (received === "" && piece !== pieces[0]) await once(socket, "data");
    socket.write(piece);
  }
  return { socket, received: () => received };
}

for (const kind of SERVERS) {
  describe(`under ${kind} an app that answers first`, () => {
    for (const [title, order] of Object.entries(ORDERS)) {
      for (const isLate of [false, true]) {
        const when = isLate ? "later" : "at once";
        test(`gets a body that came with the head: ${title}, ${when}`, async (t) => {
          for (const fields of ["", CLOSE]) {
            const { listener, outcome } = listenerOf(order, isLate);
            const address = await serveWith(kind, t, listener);
            const bytes = `${headOf(10, fields)}0123456789`;
            await exchange(address, bytes, { responses: 1 });
            assert.deepEqual(await outcome, WHOLE, fields);
          }
        });

        test(`gets a body that comes after the answer: ${title}, ${when}`, async (t) => {
          const { listener, outcome } = listenerOf(order, isLate);
          const address = await serveWith(kind, t, listener);
          const pieces = [`${headOf(10)}012`, "34", `56789${GET}`];
          const { socket, received } = await send(address, pieces);
          assert.deepEqual(await outcome, WHOLE);
          while (!received().endsWith("next")) await once(socket, "data");
          socket.destroy();
        });
      }
    }

    test("may close the connection before the body is whole", async (t) => {
      for (const method of ["destroySoon", "destroy"] as const) {
        const address = await serveWith(kind, t, (request, response) => {
          request.resume();
          response.end("ok", () => {
            setTimeout(() => request.socket[method](), 20);
          });
        });
        const { socket, received } = await send(address, [`${headOf(10)}012`]);
        await once(socket, "end");
        assert.match(received(), /ok$/);
        socket.destroy();
      }
    });

    test("gets a body in chunks, and with leave to send it", async (t) => {
      const order = ORDERS["begins to read, then ends"] as never;
      const { listener, outcome } = listenerOf(order, false);
      const address = await serveWith(kind, t, listener);
      const head =
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n";
      const pieces = [head, "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"];
      const { socket, received } = await send(address, pieces);
      assert.deepEqual(await outcome, WHOLE);
      assert.match(received(), /^HTTP\/1.1 100 Continue\r\n\r\n.*ok/s);
      socket.destroy();
    });

    test("may take its time, while the next request is answered", async (t) => {
      const outcome = deferred<string>();
      const address = await serveWith(kind, t, async (request, response) => {
        response.end("ok");
        if (request.method === "GET") return;
        let text = "";
        for await (const chunk of request) {
          text += chunk;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        outcome.resolve(text);
      });
      const bytes = "x".repeat(200_000);
      await exchange(address, `${headOf(bytes.length)}${bytes}${GET}`, {
        responses: 2,
      });
      assert.equal((await outcome.promise).length, bytes.length);
    });

    test("and does not read hears of the end of the body", async (t) => {
      const ended = deferred<boolean>();
      const address = await serveWith(kind, t, (request, response) => {
        request.on("end", () => ended.resolve(request.complete));
        response.end("ok");
      });
      const { socket } = await send(address, [`${headOf(10)}012`, "3456789"]);
      assert.equal(await ended.promise, true);
      socket.destroy();
    });
  });
}

describe("a body that is read after the answer and is cut", () => {
  const CUT = {
    text: "012",
    events: ["aborted", "error", "close"],
    isComplete: false,
  };
  const order = ORDERS["ends, then reads"] as (
    ...of: Parts
  ) => Promise<Outcome>;

  for (const how of ["end", "destroy", "resetAndDestroy"] as const) {
    test(`by its client is not whole: ${how}()`, async (t) => {
      const { listener, outcome } = listenerOf(order, false);
      const address = await serveWith("this server", t, listener);
      const { socket } = await send(address, [`${headOf(10)}012`, ""]);
      socket[how]();
      assert.deepEqual(await outcome, CUT);
    });
  }

  test("as it is silent for too long is not whole", async (t) => {
    const { listener, outcome } = listenerOf(order, false);
    const limits = { bodyTimeoutMs: 50 };
    const address = await serveWith("this server", t, listener, limits);
    const { socket } = await send(address, [`${headOf(10)}012`, ""]);
    assert.deepEqual(await outcome, CUT);
    await once(socket, "end");
    socket.destroy();
  });

  test("as it is malformed, or too long, is not whole", async (t) => {
    const head =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const rest of ["x\r\n", `ffff\r\n${"x".repeat(65_535)}\r\n`]) {
      const { listener, outcome } = listenerOf(order, false);
      const limits = { maxBodyBytes: 1_000 };
      const address = await serveWith("this server", t, listener, limits);
      const { socket } = await send(address, [`${head}3\r\n012\r\n`, rest]);
      socket.on("error", () => {});
      const { events, isComplete } = await outcome;
      assert.deepEqual(events, ["aborted", "error", "close"]);
      assert.equal(isComplete, false);
      socket.destroy();
    }
  });

  test("as its app does not read on is let go after a while", async (t) => {
    const closed = deferred<boolean>();
    const limits = { handlerTimeoutMs: 50 };
    const listener: NodeListener = (request, response) => {
      request.on("data", () => request.pause());
      request.on("close", () => closed.resolve(request.complete));
      response.end("ok");
    };
    const address = await serveWith("this server", t, listener, limits);
    const { socket } = await send(address, [
      headOf(900_000),
      "x".repeat(500_000),
    ]);
    await once(socket, "end");
    assert.equal(await closed.promise, false);
    socket.destroy();
  });

  test("by its app closes the connection behind the answer", async (t) => {
    const closed = deferred<boolean>();
    const listener: NodeListener = (request, response) => {
      request.on("close", () => closed.resolve(request.complete));
      request.once("data", () => setImmediate(() => request.destroy()));
      response.end("ok");
    };
    const address = await serveWith("this server", t, listener);
    const { responses, ending } = await exchange(address, `${headOf(10)}012`, {
      untilClosed: true,
    });
    assert.equal(await closed.promise, false);
    assert.equal(String(responses[0]?.body), "ok");
    assert.equal(ending, "fin");
  });

  test("is not whole either if it is not read", async (t) => {
    const closed = deferred<boolean>();
    const listener: NodeListener = (request, response) => {
      request.on("close", () => closed.resolve(request.complete));
      response.end("ok");
    };
    const address = await serveWith("this server", t, listener);
    const bytes = `${headOf(900_000)}012`;
    await exchange(address, bytes, { untilClosed: true });
    assert.equal(await closed.promise, false);
  });
});

describe("a fetch handler that answers first", () => {
  for (const [title, take] of Object.entries({
    "as a whole": (request: Request) => request.text(),
    "in pieces": async (request: Request) => {
      let text = "";
      const decoder = new TextDecoder();
      for await (const chunk of request.body ?? []) {
        text += decoder.decode(chunk as Uint8Array);
      }
      return text;
    },
  })) {
    test(`gets the body that it has begun to read ${title}`, async () => {
      const read = deferred<string>();
      const app = serveFetch((request) => {
        take(request).then(read.resolve, read.reject);
        return new Response("ok");
      });
      const { address } = await serveHttp(app.handle.bind(app));
      const pieces = [`${headOf(10)}012`, "34", "56789"];
      const { socket } = await send(address, pieces);
      assert.equal(await read.promise, "0123456789");
      socket.destroy();
    });
  }

  test("and leaves the rest does not hold its client", async () => {
    const app = serveFetch(async (request) => {
      if (request.method === "GET") return new Response("next");
      await request.body?.getReader().read();
      return new Response("ok");
    });
    const { address } = await serveHttp(app.handle.bind(app));
    const pieces = [`${headOf(10)}012`, `3456789${GET}`];
    const { socket, received } = await send(address, pieces);
    while (!received().endsWith("next")) await once(socket, "data");
    socket.destroy();
  });
});
