import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok, stream, text } from "../../../src/worker/http/response-helpers.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");
const LINK = { Link: "</a.css>; rel=preload; as=style" };
const HINTS =
  "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style\r\n\r\n";

describe("interim responses of a handler", () => {
  test("RFC 8297 §2 leave at once, before the answer", async () => {
    const begin = deferred();
    const { client, observer } = connect(async (request) => {
      assert.equal(request.sendInterim(103, LINK), true);
      assert.equal(request.sendInterim(102), true);
      await begin.promise;
      return ok("hello");
    });
    client.receive(GET + GET);
    assert.equal(client.sent, `${HINTS}HTTP/1.1 102 Processing\r\n\r\n`);
    begin.resolve();
    await settled();
    const responses = client.responses();
    assert.deepEqual(
      responses.map(({ status, interim }) => [status, interim]),
      [
        [200, [103, 102]],
        [200, [103, 102]],
      ],
    );
    const one = ["request", "response 200"];
    assert.deepEqual(observer.events, [...one, ...one]);
  });

  test("RFC 9110 §15.2 never go to HTTP/1.0", () => {
    const { client } = connect((request) => {
      assert.equal(request.sendInterim(103, LINK), false);
      return ok("hello");
    });
    client.receive("GET / HTTP/1.0\r\n\r\n");
    assert.match(client.sent, /^HTTP\/1\.1 200 OK\r\n/);
  });

  test("RFC 9110 §15.2 do not come within an answer, nor after it", async () => {
    const seen: HttpRequest[] = [];
    const { client } = connect((request) => {
      seen.push(request);
      if (seen.length > 1) return ok("next");
      return stream(
        (async function* () {
          yield "a";
          assert.equal(request.sendInterim(103, LINK), false);
        })(),
      );
    });
    client.receive(GET);
    await settled();
    assert.equal(seen[0]?.sendInterim(103, LINK), false);
    client.receive(GET);
    assert.equal(seen[0]?.sendInterim(103, LINK), false);
    await settled();
    const interim = client.responses().map((response) => response.interim);
    assert.deepEqual(interim, [[], []]);
  });

  test("RFC 9110 §10.1.1 are 100 once, where the client waits for it", async () => {
    const sent: boolean[] = [];
    const { client } = connect(async (request) => {
      sent.push(request.sendInterim(100), request.sendInterim(100));
      return text(await request.text());
    });
    const fields = ["Expect: 100-continue", "Content-Length: 5"];
    client.receive(requestOf("POST /", fields));
    assert.equal(client.sent, "HTTP/1.1 100 Continue\r\n\r\n");
    client.receive("hello");
    await settled();
    client.receive(requestOf("POST /", [], "hello"));
    await settled();
    assert.deepEqual(sent, [true, false, false, false]);
    const [first, second] = client.responses();
    assert.deepEqual([first?.interim, second?.interim], [[100], []]);
    assert.deepEqual(
      [String(first?.body), String(second?.body)],
      ["hello", "hello"],
    );
  });

  test("RFC 9110 §10.1.1 let a body in that is not read yet, in its time", async () => {
    const { client, observer } = connect((request) => {
      request.sendInterim(100);
      return new Promise(() => {});
    });
    const fields = ["Expect: 100-continue", "Content-Length: 5"];
    client.receive(requestOf("POST /", fields));
    client.advance(30_500);
    await settled();
    assert.equal(client.responses()[0]?.status, 408);
    assert.ok(observer.events.includes("parse error body_timeout"));
  });

  test("wait for nobody: a client that does not read gets none", () => {
    const { client } = connect((request) => {
      client.fillUp();
      assert.equal(request.sendInterim(103, LINK), false);
      return new Promise(() => {});
    });
    client.receive(GET);
    assert.equal(client.sent, "");
  });

  test("are not sent by a request made by hand", () => {
    assert.equal(new HttpRequest().sendInterim(103, LINK), false);
  });
});
