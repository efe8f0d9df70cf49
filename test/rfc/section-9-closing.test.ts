/** RFC 9112 §9.6: FIN of the client, and bodies that nobody reads. */
import assert from "node:assert/strict";
import type { Handler } from "../../src/worker/http/handler.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { notFound, text } from "../../src/worker/http/response-helpers.ts";
import { deferred } from "../support/deferred.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { chunked, END } from "./chunked-body.ts";
import { eachDelivery } from "./each-delivery.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /next");
const hello = () => text("hello");

function postOf(bytes: number): string {
  return requestOf("POST /", [`Content-Length: ${bytes}`]);
}

function statusesOf(responses: readonly { status: number }[]): number[] {
  return responses.map(({ status }) => status);
}

// --- half-close

rule("connection/half-close", "§9.6 answers, and then ends", () => {
  const { client } = connect(hello);
  client.receive(GET);
  client.receiveEnd();
  assert.equal(client.responses().length, 1);
  assert.equal(client.ending, "fin");
});
rule(
  "connection/half-close",
  "§9.6 answers later, and says close",
  async () => {
    const answer = deferred<HttpResponse>();
    const { client, observer } = connect(() => answer.promise);
    client.receive(GET);
    client.receiveEnd();
    assert.equal(client.ending, undefined);
    answer.resolve(text("late"));
    await settled();
    const [response] = client.responses();
    assert.equal(response?.body.toString(), "late");
    assert.equal(response?.closes, true);
    assert.equal(client.ending, "fin");
    assert.deepEqual(observer.events, ["request", "response 200"]);
  },
);
rule("connection/half-close", "§9.6 answers all of a pipeline", async () => {
  const first = deferred<HttpResponse>();
  const { client } = connect(({ target }) => {
    return target === "/1" ? first.promise : text(target);
  });
  const requests = ["/1", "/2", "/3"].map((path) => requestOf(`GET ${path}`));
  client.receive(requests.join(""));
  client.receiveEnd();
  first.resolve(text("/1"));
  await settled();
  const responses = client.responses();
  assert.deepEqual(
    responses.map(({ body, closes }) => [body.toString(), closes]),
    [
      ["/1", false],
      ["/2", false],
      ["/3", true],
    ],
  );
  assert.equal(client.ending, "fin");
});
rule("connection/half-close", "§9.6 answers what waits for room", async () => {
  const { client } = connect(() => {
    client.fillUp();
    return hello();
  });
  client.receive(GET + GET);
  client.receiveEnd();
  client.drain();
  await settled();
  client.drain();
  await settled();
  assert.equal(client.responses().length, 2);
  assert.equal(client.ending, "fin");
});
rule("connection/half-close", "§9.6 sends a stream to its end", async () => {
  const gate = deferred();
  async function* pieces() {
    yield "a";
    await gate.promise;
    yield "b";
  }
  const { client } = connect(() => new HttpResponse(pieces()));
  client.receive(GET);
  await settled();
  client.receiveEnd();
  gate.resolve();
  await settled();
  assert.equal(client.responses()[0]?.body.toString(), "ab");
  assert.equal(client.ending, "fin");
});

// --- bodies that nobody reads

const unread: [what: string, wire: string, handler: Handler][] = [
  ["a body of a known length", requestOf("POST /", [], "body"), hello],
  ["a body in chunks", chunked(`4\r\nbody\r\n0\r\nA: 1\r\n\r\n`), hello],
  ["the body of a 404", requestOf("POST /", [], "body"), () => notFound()],
  ["the body of a GET", requestOf("GET /", [], "body"), hello],
  ["a body that is a request", requestOf("POST /", [], GET), hello],
];
for (const [what, wire, handler] of unread) {
  rule("framing/unread-body", `§9.3 reads past ${what}`, async () => {
    const targets: string[] = [];
    const { client } = connect((request) => {
      targets.push(request.target);
      return handler(request);
    });
    client.receive(wire + GET);
    await settled();
    assert.deepEqual(targets, ["/", "/next"]);
    assert.equal(client.responses().length, 2);
    assert.equal(client.ending, undefined);
  });
}
rule("framing/unread-body", "§9.3 reads past a body as it comes", () => {
  const inner = requestOf("GET /smuggled");
  const wire = postOf(inner.length) + inner + GET;
  return eachDelivery(wire, { trailing: "" }, async ({ pieces }) => {
    const { client, observer } = connect(hello);
    for (const piece of pieces) client.receive(piece);
    await settled();
    const responses = client.responses();
    assert.deepEqual(statusesOf(responses), [200, 200]);
    assert.equal(responses[0]?.closes, false);
    assert.equal(observer.exchanges[1]?.request.target, "/next");
  });
});
rule("framing/unread-body", "§9.3 reads past as much as the limit", () => {
  const { client } = connect(hello);
  client.receive(postOf(65_536));
  client.receive("a".repeat(65_536) + GET);
  assert.deepEqual(statusesOf(client.responses()), [200, 200]);
});
rule("framing/unread-body", "§9.3 reads past what it held back", async () => {
  const answer = deferred<HttpResponse>();
  const { client } = connect(() => answer.promise);
  client.receive(postOf(120_000));
  client.receive("a".repeat(70_000));
  assert.equal(client.isReading, false);
  client.receive("a".repeat(50_000) + GET);
  answer.resolve(hello());
  await settled();
  assert.deepEqual(statusesOf(client.responses()), [200, 200]);
  assert.equal(client.isReading, true);
});

for (const [what, wire] of [
  ["a body over the limit", postOf(65_537)],
  ["a body in chunks that are not whole", chunked("")],
  ["the rest of chunks", chunked("1\r\na\r\n")],
] as const) {
  rule("framing/unread-body-limit", `§9.6 closes before ${what}`, () => {
    const { client } = connect(hello);
    client.receive(wire);
    assert.equal(client.responses()[0]?.closes, true);
    assert.equal(client.ending, "fin");
    client.receive(END + GET);
    assert.equal(client.responses().length, 1);
  });
}
rule(
  "framing/unread-body-limit",
  "§9.6 counts all that it reads past",
  async () => {
    const { client } = connect(async (request) => {
      for await (const _ of request.body) break;
      return hello();
    });
    client.receive(`${postOf(65_600)}a`);
    await settled();
    for (let count = 0; count < 4; count++) client.receive("a".repeat(20_000));
    assert.deepEqual(statusesOf(client.responses()), [200]);
    assert.equal(client.ending, "fin");
  },
);
rule(
  "framing/unread-body-limit",
  "§9.6 gives the rest its time as a whole",
  () => {
    const { client, observer } = connect(hello);
    client.receive(postOf(1_000));
    assert.equal(client.responses()[0]?.status, 200);
    for (let seconds = 0; seconds < 30; seconds += 10) {
      assert.equal(client.ending, undefined);
      client.advance(10_000);
      client.receive("a");
    }
    assert.equal(client.ending, "fin");
    assert.deepEqual(observer.events, ["request", "response 200"]);
  },
);
