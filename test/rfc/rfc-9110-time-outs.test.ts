/** RFC 9110 §15.5.9 and §15.6.4: clients and handlers that take too long. */
import assert from "node:assert/strict";
import { App } from "../../src/worker/app/app.ts";
import type { HttpRequest } from "../../src/worker/http/http-request.ts";
import { HttpResponse } from "../../src/worker/http/http-response.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import { deferred } from "../support/deferred.ts";
import {
  connect,
  requestOf,
  settled,
  type TestConnection,
} from "../worker/http1/test-connection.ts";
import { chunked } from "./chunked-body.ts";
import { rule } from "./rule.ts";

const GET = requestOf("GET /");
const hello = () => text("hello");
const echo = async (request: HttpRequest) => text(await request.text());

function postOf(bytes: number, fields: readonly string[] = []): string {
  return requestOf("POST /", [...fields, `Content-Length: ${bytes}`]);
}

/** One 408 that ends the connection, and one count. */
function check408({ client, observer }: TestConnection, reason: string): void {
  const [response, ...rest] = client.responses();
  assert.equal(response?.status, 408);
  assert.equal(response?.closes, true);
  assert.ok(response?.headers.date);
  assert.equal(rest.length, 0);
  assert.equal(client.ending, "fin");
  const counts = observer.events.filter((event) => /^parse/.test(event));
  assert.deepEqual(counts, [`parse error ${reason}`]);
}

// --- a head

for (const [what, sent] of [
  ["a byte", "G"],
  ["a line", "GET / HTTP/1.1\r\n"],
  ["half a head", GET.slice(0, -2)],
] as const) {
  rule(
    "connection/head-timeout",
    `RFC 9110 §15.5.9 waits for the rest of ${what} so long`,
    () => {
      const made = connect(hello);
      made.client.advance(60_000);
      made.client.receive(sent);
      made.client.advance(9_999);
      assert.equal(made.client.sent, "");
      made.client.advance(1);
      check408(made, "head_timeout");
    },
  );
}
rule(
  "connection/head-timeout",
  "RFC 9110 §15.5.9 gives a head its time as a whole, not for each byte",
  () => {
    const made = connect(hello);
    for (const byte of GET.slice(0, 11)) {
      made.client.receive(byte);
      made.client.advance(999);
    }
    check408(made, "head_timeout");
  },
);
rule(
  "connection/head-timeout",
  "RFC 9110 §15.5.9 answers a head that comes in time",
  () => {
    const { client } = connect(hello);
    client.receive(GET.slice(0, 5));
    client.advance(9_999);
    client.receive(GET.slice(5));
    client.advance(60_000);
    assert.equal(client.responses()[0]?.status, 200);
    assert.equal(client.ending, undefined);
  },
);
rule(
  "connection/head-timeout",
  "RFC 9110 §15.5.9 gives a head behind others its own time",
  async () => {
    const answer = deferred<HttpResponse>();
    const { client } = connect(() => answer.promise);
    client.receive(GET + GET.slice(0, 5));
    client.advance(59_000);
    answer.resolve(hello());
    await settled();
    client.advance(9_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    const statuses = client.responses().map(({ status }) => status);
    assert.deepEqual(statuses, [200, 408]);
  },
);

// --- a body

rule(
  "connection/body-timeout",
  "RFC 9110 §15.5.9 waits for the next bytes of a body so long",
  async () => {
    let failure: unknown;
    const made = connect(async (request) => {
      failure = await request.text().catch((error) => error);
      return hello();
    });
    made.client.receive(`${postOf(10)}12345`);
    made.client.advance(29_999);
    assert.equal(made.client.sent, "");
    made.client.advance(1);
    await settled();
    check408(made, "body_timeout");
    assert.match(String(failure), /HttpError: the body took too long/);
  },
);
rule(
  "connection/body-timeout",
  "RFC 9110 §15.5.9 has the time of a body anew with each piece",
  async () => {
    const { client } = connect(echo, { minBodyBytesPerSecond: 0 });
    client.receive(postOf(3));
    for (const byte of "abc") {
      client.advance(29_000);
      client.receive(byte);
    }
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "abc");
  },
);
rule(
  "connection/body-timeout",
  "RFC 9110 §15.5.9 waits for no body below the least pace",
  () => {
    const made = connect(echo);
    made.client.receive(postOf(10_000));
    made.client.advance(20_000);
    made.client.receive("a".repeat(100));
    made.client.advance(20_000);
    assert.equal(made.client.sent, "");
    made.client.receive("a".repeat(100));
    check408(made, "body_timeout");
  },
);
for (const [what, beginning, piece] of [
  ["trailers", "0\r\nA: ", "a"],
  ["extensions", '1;a="', "a"],
  ["chunks of a byte", "", "1\r\na\r\n"],
] as const) {
  rule(
    "connection/body-timeout",
    `RFC 9110 §15.5.9 waits for no slow ${what}`,
    () => {
      const made = connect(echo);
      made.client.receive(chunked(beginning));
      for (let seconds = 0; seconds < 60; seconds += 20) {
        made.client.advance(20_000);
        made.client.receive(piece);
      }
      check408(made, "body_timeout");
    },
  );
}
rule(
  "connection/body-timeout",
  "RFC 9110 §15.5.9 has the time of a body begin with its 100",
  async () => {
    const begin = deferred();
    const { client } = connect(async (request) => {
      await begin.promise;
      return echo(request);
    });
    client.receive(postOf(5, ["Expect: 100-continue"]));
    client.advance(59_000);
    assert.equal(client.sent, "");
    begin.resolve();
    await settled();
    assert.equal(client.sent, "HTTP/1.1 100 Continue\r\n\r\n");
    client.advance(29_999);
    assert.equal(client.ending, undefined);
    client.advance(1);
    assert.equal(client.responses()[0]?.status, 408);
  },
);
rule(
  "connection/body-timeout",
  "RFC 9110 §15.5.9 cuts off a streamed answer beside a slow body",
  async () => {
    async function* endless() {
      for (;;) {
        yield "a";
        client.fillUp();
      }
    }
    const { client, observer } = connect(() => new HttpResponse(endless()));
    client.receive(`${postOf(10)}123`);
    await settled();
    client.advance(30_000);
    assert.equal(client.ending, "reset");
    assert.equal(observer.events.at(-1), "abort /");
  },
);
rule(
  "connection/body-held-back",
  "RFC 9110 §15.5.9 has no client slow whose body waits for the handler",
  async () => {
    const begin = deferred();
    const { client } = connect(async (request) => {
      await begin.promise;
      return echo(request);
    });
    const half = "a".repeat(70_000);
    client.receive(postOf(140_000) + half);
    assert.equal(client.isReading, false);
    client.advance(59_000);
    assert.equal(client.ending, undefined);
    begin.resolve();
    await settled();
    assert.equal(client.isReading, true);
    client.advance(20_000);
    client.receive(half);
    await settled();
    assert.equal(client.responses()[0]?.body.length, 140_000);
  },
);

// --- a handler

rule(
  "connection/handler-timeout",
  "RFC 9110 §15.6.4 says 503 for a handler that takes too long",
  async () => {
    const late = deferred<HttpResponse>();
    const signals: AbortSignal[] = [];
    const { client, observer } = connect((request) => {
      signals.push(request.signal);
      return request.target === "/" ? late.promise : hello();
    });
    client.receive(GET + requestOf("GET /next"));
    client.advance(59_999);
    assert.equal(client.sent, "");
    client.advance(1);
    late.resolve(text("too late"));
    await settled();
    const responses = client.responses();
    assert.deepEqual(
      responses.map(({ status, closes }) => [status, closes]),
      [
        [503, false],
        [200, false],
      ],
    );
    assert.equal(responses[0]?.headers["retry-after"], "1");
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
    assert.ok(!observer.events.some((event) => /^parse/.test(event)));
  },
);
rule(
  "connection/handler-timeout",
  "RFC 9110 §15.6.4 has the handler's time begin behind the body",
  async () => {
    const { client } = connect(async (request) => {
      await request.bytes();
      return deferred<HttpResponse>().promise;
    });
    client.receive(postOf(30_000));
    for (let seconds = 0; seconds < 60; seconds += 20) {
      client.advance(20_000);
      client.receive("a".repeat(10_000));
    }
    client.advance(59_999);
    assert.equal(client.sent, "");
    client.advance(1);
    assert.equal(client.responses()[0]?.status, 503);
  },
);
rule(
  "connection/handler-timeout",
  "RFC 9110 §15.6.4 lets a route have a time of its own",
  async () => {
    const app = new App().get("/", () => deferred<HttpResponse>().promise, {
      handlerTimeoutMs: 5_000,
    });
    const { client } = connect((request) => app.handle(request));
    client.receive(GET);
    client.advance(4_999);
    assert.equal(client.sent, "");
    client.advance(1);
    assert.equal(client.responses()[0]?.status, 503);
  },
);
rule(
  "connection/handler-timeout",
  "RFC 9110 §15.6.4 lets a handler take any time where 0 is set",
  async () => {
    const answer = deferred<HttpResponse>();
    const { client } = connect(() => answer.promise, { handlerTimeoutMs: 0 });
    client.receive(requestOf("POST /", [], "body"));
    client.advance(3_600_000);
    assert.equal(client.sent, "");
    answer.resolve(hello());
    await settled();
    assert.equal(client.responses()[0]?.status, 200);
  },
);
