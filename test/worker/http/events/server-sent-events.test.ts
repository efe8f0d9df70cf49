import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { App } from "../../../../src/worker/app/app.ts";
import { inject } from "../../../../src/worker/app/inject.ts";
import type {
  EventClient,
  EventSource,
} from "../../../../src/worker/http/events/event-body.ts";
import {
  type ServerSentEventsOptions,
  serverSentEvents,
} from "../../../../src/worker/http/events/server-sent-events.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";
import { deferred } from "../../../support/deferred.ts";
import { waitUntil } from "../../../support/wait-until.ts";
import { connect, requestOf, settled } from "../../http1/test-connection.ts";

const HEARTBEAT = "3\r\n:\n\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";
const QUIET = { heartbeatMs: 0 };

/** A client of an app that has nothing but events. */
function listen(source: EventSource, options: ServerSentEventsOptions = QUIET) {
  const app = new App().get("/", (request) => {
    return serverSentEvents(request, source, options);
  });
  const { client, connection, observer } = connect((r) => app.handle(r));
  client.receive(requestOf("GET /"));
  return { client, connection, observer };
}

/** A source that sends by itself, and what it was given. */
function sender() {
  const given = deferred<EventClient>();
  const source = (client: EventClient) => given.resolve(client);
  return { source, given: given.promise };
}

async function* numbers(count: number) {
  for (let number = 1; number <= count; number++) yield `${number}`;
}

describe("events that are iterated", () => {
  it("are sent as a stream that is not cached", async () => {
    const app = new App().get("/", (request) => {
      return serverSentEvents(request, numbers(3));
    });
    const response = await inject(app);
    assert.equal(response.headers.get("Content-Type"), "text/event-stream");
    assert.equal(response.headers.get("Cache-Control"), "no-store");
    assert.equal(await response.text(), "data: 1\n\ndata: 2\n\ndata: 3\n\n");
  });

  it("end with their source, and the connection goes on", async () => {
    const { client } = listen(numbers(1));
    await settled();
    assert.ok(client.sent.endsWith(`data: 1\n\n\r\n${LAST_CHUNK}`));
    assert.equal(client.ending, undefined);
  });

  it("begin with the time after which to come back", async () => {
    const { client } = listen(numbers(1), { ...QUIET, retryMs: 50 });
    await settled();
    const [response] = client.responses();
    assert.equal(response?.body.toString(), "retry: 50\n\ndata: 1\n\n");
  });

  it("may come from a function that knows where to go on", async () => {
    const app = new App().get("/", (request) => {
      return serverSentEvents(request, async ({ lastEventId }) => {
        return numbers(lastEventId === "é2" ? 2 : 0);
      });
    });
    const sent = Buffer.from("é2").toString("latin1");
    const headers = { "Last-Event-ID": sent };
    const text = await (await inject(app, { headers })).text();
    assert.equal(text, "data: 1\n\ndata: 2\n\n");
    assert.equal(await (await inject(app)).text(), "");
  });

  it("are asked for when there is room for them", async () => {
    let asked = 0;
    const events = {
      async *[Symbol.asyncIterator]() {
        while (asked < 10) yield `${++asked}`;
      },
    };
    const { client } = listen(events);
    client.fillUp();
    await settled();
    const before = asked;
    assert.ok(before <= 2, `${before} events`);
    client.drain();
    await settled();
    assert.equal(asked, 10);
  });

  it("are not asked for where only the head is wanted", async () => {
    const app = new App().get("/", (request) => {
      return serverSentEvents(request, () => assert.fail("it was called"));
    });
    const { client } = connect((request) => app.handle(request));
    client.receive(requestOf("HEAD /"));
    const [response] = client.responses("HEAD");
    assert.equal(response?.status, 200);
  });

  it("break the connection off where their source fails", async () => {
    const failing = {
      async *[Symbol.asyncIterator]() {
        yield "1";
        throw new Error("no more");
      },
    };
    const { client, observer } = listen(failing);
    await settled();
    assert.equal(client.ending, "reset");
    assert.ok(observer.events.includes("response error: no more"));
  });

  const broken: [what: string, source: EventSource, error: RegExp][] = [
    ["throws", () => assert.fail("oh"), /oh/],
    ["rejects", async () => assert.fail("oh"), /oh/],
    ["gives a number", () => 7 as never, /not a function/],
    ["promises a number", async () => 7 as never, /not a function/],
    ["gives what is no event", (client) => void client.send({}), /an event is/],
  ];
  for (const [what, source, error] of broken) {
    it(`break it off where their function ${what}`, async () => {
      const { client, observer } = listen(source);
      await settled();
      assert.equal(client.ending, "reset");
      assert.match(observer.events.join(), error);
    });
  }
});

describe("events that are sent", () => {
  it("come as they are sent, until they are closed", async () => {
    const { source, given } = sender();
    const { client } = listen(source);
    const to = await given;
    assert.equal(to.send("1"), true);
    assert.equal(to.send({ event: "tick", data: [2] }), true);
    await settled();
    to.send("3");
    to.close();
    await settled();
    const [response] = client.responses();
    assert.equal(
      response?.body.toString(),
      "data: 1\n\nevent: tick\ndata: [2]\n\ndata: 3\n\n",
    );
    assert.equal(to.send("4"), false);
    assert.equal(to.signal.aborted, true);
  });

  it("end when the promise of their function is fulfilled", async () => {
    const { client } = listen(async (to) => {
      to.send("1");
      await settled();
      to.send("2");
    });
    await settled();
    await settled();
    const [response] = client.responses();
    assert.equal(response?.body.toString(), "data: 1\n\ndata: 2\n\n");
  });

  it("end where a client is too slow for them", async () => {
    const { source, given } = sender();
    const { client } = listen(source, { ...QUIET, maxQueuedBytes: 20 });
    const to = await given;
    await settled();
    client.fillUp();
    to.send("first");
    await settled();
    assert.equal(to.send("12345"), true);
    assert.equal(to.send("12345"), false);
    assert.equal(to.signal.aborted, true);
    client.drain();
    await settled();
    const [response] = client.responses();
    const body = "data: first\n\ndata: 12345\n\n";
    assert.equal(response?.body.toString(), body);
  });
});

describe("a stream of events", () => {
  it("has comments while there are no events", async () => {
    const { source, given } = sender();
    const { client } = listen(source, { heartbeatMs: 5 });
    const to = await given;
    const isBeating = () => client.sent.includes(HEARTBEAT + HEARTBEAT);
    await waitUntil(isBeating, { what: "two heartbeats" });
    to.send("1");
    to.close();
    await settled();
    assert.match(String(client.responses()[0]?.body), /^(:\n\n)+data: 1\n\n$/);
  });

  it("lets its source go when the client leaves", async () => {
    const { source, given } = sender();
    const { client } = listen(source, { heartbeatMs: 60_000 });
    const to = await given;
    const aborted = once(to.signal, "abort");
    client.leave();
    await aborted;
    assert.equal(to.send("1"), false);
  });

  it("calls return() of the source when the client leaves", async () => {
    const returned = deferred();
    const waiting = {
      next: () => new Promise<never>(() => {}),
      return: async () => {
        returned.resolve();
        return { done: true as const, value: undefined };
      },
    };
    const { client } = listen({ [Symbol.asyncIterator]: () => waiting });
    await settled();
    client.leave();
    await returned.promise;
  });

  it("ends as a whole when the worker is about to leave", async () => {
    const { source, given } = sender();
    const { client, connection } = listen(source);
    const to = await given;
    to.send("1");
    connection.onShutdown(1_000);
    await settled();
    const [response] = client.responses();
    assert.equal(response?.body.toString(), "data: 1\n\n");
    assert.equal(to.signal.aborted, true);
    // The next request on it is answered, and says so.
    client.receive(requestOf("GET /"));
    await settled();
    const again = client.responses()[1];
    assert.equal(again?.closes, true);
    assert.equal(again?.body.length, 0);
  });

  const refused: [options: ServerSentEventsOptions, error: RegExp][] = [
    [{ heartbeatMs: -1 }, /option heartbeatMs of serverSentEvents\(\) must be/],
    [{ maxQueuedBytes: 0.5 }, /option maxQueuedBytes of serverSentEvents\(\)/],
    [{ retryMs: -1 }, /an event's retry is in whole milliseconds/],
  ];
  for (const [options, error] of refused) {
    it(`is not made with ${JSON.stringify(options)}`, () => {
      const request = new HttpRequest();
      const make = () => serverSentEvents(request, numbers(1), options);
      assert.throws(make, error);
    });
  }

  it("is not made of what gives no events", () => {
    const make = () => serverSentEvents(new HttpRequest(), ["a"] as never);
    assert.throws(make, /an async iterable or a function/);
  });
});
