import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HttpResponse } from "../../../src/worker/http/response.ts";
import { text } from "../../../src/worker/http/responses.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");
const hello = () => text("hello");

function get10(...fields: string[]): string {
  return ["GET / HTTP/1.0", ...fields, "", ""].join("\r\n");
}

describe("a connection", () => {
  test("§9.3 goes on in 1.1, without saying so", () => {
    const { client } = connect(hello);
    for (let count = 0; count < 3; count++) client.receive(GET);
    const responses = client.responses();
    assert.equal(responses.length, 3);
    for (const { headers } of responses) {
      assert.equal(headers.connection, undefined);
    }
    assert.equal(client.ending, undefined);
  });

  test("§9.6 ends after an answer where the client wants it", () => {
    const { client } = connect(hello);
    const last = requestOf("GET /", ["Connection: x, CLOSE"]);
    client.receive(GET + last + GET);
    const responses = client.responses();
    assert.deepEqual(
      responses.map(({ closes }) => closes),
      [false, true],
    );
    assert.equal(client.ending, "fin");
  });

  test("§9.6 goes on where the client wants something like it", () => {
    const { client } = connect(hello);
    const options = ["not-close", "close\xa0", "\xa0close, x", "close;x"];
    for (const option of options) {
      client.receive(requestOf("GET /", [`Connection: ${option}`]));
    }
    assert.equal(client.responses().length, options.length);
    assert.equal(client.ending, undefined);
  });

  test("§9.6 ends after an answer that says close", () => {
    for (const value of ["close", "x, Close"]) {
      const { client } = connect(() => hello().with("Connection", value));
      client.receive(GET + GET);
      const [response, ...rest] = client.responses();
      assert.equal(response?.headers.connection, "close");
      assert.equal(rest.length, 0);
      assert.equal(client.ending, "fin");
    }
  });

  test("§9.6 goes on after an answer that says something like it", () => {
    for (const value of ["not-close", "close\xa0"]) {
      const { client } = connect(() => hello().with("Connection", value));
      client.receive(GET + GET);
      assert.equal(client.responses().length, 2);
    }
  });

  test("§9.3 ends after its last allowed request, and says so", () => {
    const { client } = connect(hello, { maxRequestsPerConnection: 3 });
    client.receive(GET + GET + GET + GET);
    const closes = client.responses().map((response) => response.closes);
    assert.deepEqual(closes, [false, false, true]);
    assert.equal(client.ending, "fin");
  });
});

describe("a connection of HTTP/1.0", () => {
  test("§9.3 ends after its answer, and says so", () => {
    const { client } = connect(hello);
    client.receive(get10() + get10());
    const [response, ...rest] = client.responses();
    assert.equal(response?.version, "1.1");
    assert.equal(response?.headers.connection, "close");
    assert.equal(rest.length, 0);
    assert.equal(client.ending, "fin");
  });

  test("§9.3 goes on where the client asks for it, and says so", () => {
    const { client } = connect(hello);
    client.receive(get10("Connection: Keep-Alive").repeat(2));
    const responses = client.responses();
    assert.equal(responses.length, 2);
    for (const { headers } of responses) {
      assert.equal(headers.connection, "keep-alive");
    }
    assert.equal(client.ending, undefined);
  });

  test("§7.1 gets a stream without chunks, up to the close", async () => {
    async function* pieces() {
      yield "a";
      yield "b";
    }
    const { client } = connect(() => new HttpResponse(pieces()));
    client.receive(get10("Connection: keep-alive"));
    await settled();
    const [response] = client.responses();
    assert.equal(response?.headers["transfer-encoding"], undefined);
    assert.equal(response?.headers["content-length"], undefined);
    assert.equal(response?.headers.connection, "close");
    assert.equal(response?.body.toString(), "ab");
    assert.equal(client.ending, "fin");
  });

  test("§9.3 is not held to an expectation", async () => {
    const { client } = connect(async (request) => text(await request.text()));
    client.receive(
      "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    );
    await settled();
    assert.equal(client.sent, "");
    client.receive("ok");
    await settled();
    assert.equal(client.responses()[0]?.body.toString(), "ok");
  });
});

describe("an answer without content", () => {
  test("RFC 9110 §9.3.2 to HEAD has the fields of GET", () => {
    const { client } = connect(() => text("hé"));
    client.receive(GET + requestOf("HEAD /") + GET);
    const [get, head, next] = client.responses("GET", "HEAD", "GET");
    assert.equal(head?.body.length, 0);
    assert.deepEqual(head?.headers, get?.headers);
    assert.equal(head?.headers["content-length"], "3");
    assert.equal(next?.body.toString(), "hé");
  });

  test("RFC 9110 §9.3.2 to HEAD may declare what GET would have", () => {
    const headers = { "Content-Length": "42" };
    const { client } = connect(() => new HttpResponse(null, { headers }));
    client.receive(requestOf("HEAD /").repeat(2));
    const [head, next] = client.responses("HEAD", "HEAD");
    assert.equal(head?.headers["content-length"], "42");
    assert.equal(next?.status, 200);
  });

  test("RFC 9110 §8.6 to GET may not declare another length", () => {
    const headers = { "Content-Length": "42" };
    const answer = () => new HttpResponse(null, { headers });
    const { client, observer } = connect(answer);
    client.receive(GET);
    assert.equal(client.responses()[0]?.status, 500);
    assert.match(observer.events[1] ?? "", /^response error: /);
  });

  for (const status of [204, 205, 304]) {
    test(`RFC 9110 §15 of ${status} lets the next one follow`, () => {
      const answer = () => new HttpResponse("ignored", { status });
      const { client } = connect(answer);
      client.receive(GET + GET);
      const [first, second] = client.responses();
      assert.equal(first?.status, status);
      assert.equal(first?.body.length, 0);
      assert.equal(second?.status, status);
      const length = status === 205 ? "0" : undefined;
      assert.equal(first?.headers["content-length"], length);
    });
  }

  test("§6.3 of an empty body says so", () => {
    for (const body of [null, "", Buffer.alloc(0)]) {
      const { client } = connect(() => new HttpResponse(body));
      client.receive(GET + GET);
      const [first, second] = client.responses();
      assert.equal(first?.headers["content-length"], "0");
      assert.equal(second?.status, 200);
    }
  });
});

describe("a client that sends no more", () => {
  test("§9.6 is still answered, and then the connection ends", () => {
    const { client } = connect(hello);
    client.receive(GET);
    client.receiveEnd();
    assert.equal(client.responses().length, 1);
    assert.equal(client.ending, "fin");
  });

  test("§9.6 waits for its answer, which says close", async () => {
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
  });

  test("§9.6 is answered all that it has pipelined", async () => {
    const first = deferred<HttpResponse>();
    const { client } = connect(({ target }) => {
      return target === "/1" ? first.promise : text(target);
    });
    client.receive(
      ["/1", "/2", "/3"].map((t) => requestOf(`GET ${t}`)).join(""),
    );
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

  test("§9.6 is answered what waited for room", async () => {
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

  test("§9.6 gets nothing for nothing", () => {
    for (const sent of ["", "\r\n", "GET / HT", GET.slice(0, -1)]) {
      const { client, observer } = connect(hello);
      client.receive(sent);
      client.receiveEnd();
      assert.equal(client.sent, "");
      assert.equal(client.ending, "fin");
      assert.deepEqual(observer.events, []);
    }
  });

  test("§9.6 gets a stream to its end", async () => {
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
});
