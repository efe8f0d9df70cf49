import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { text } from "../../../src/worker/http/response-helpers.ts";
import type { RequestHandover } from "../../../src/worker/http1/connection-context.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

/** Requests for "/there" belong to another worker. */
function openBesideAnother() {
  const given: { session: string; bytes: string }[] = [];
  const handover: RequestHandover = {
    foreignSession: ({ target }) => (target === "/there" ? "s" : undefined),
    handOver: (session, bytes) => {
      given.push({ session, bytes: bytes.toString("latin1") });
    },
  };
  const { client } = connect(
    (request) => text(request.target),
    {},
    { handover },
  );
  return { client, given };
}

describe("a request of another worker's session", () => {
  test("takes its connection there, with all bytes", () => {
    const { client, given } = openBesideAnother();
    const request = requestOf("POST /there", ["X-Odd:  a\xe9b "], "bo");
    client.receive(request.slice(0, 20));
    client.receive(request.slice(20));
    client.receive("dy, unread");
    assert.equal(client.isDetached, true);
    const [{ session, bytes } = { session: "", bytes: "" }] = given;
    assert.equal(session, "s");
    // Blanks around a value do not belong to it (RFC 9112 §5).
    assert.equal(bytes, request.replace("  a\xe9b ", " a\xe9b"));
    assert.equal(client.sent, "");
  });

  test("goes after the responses before it in a pipeline", async () => {
    const { client, given } = openBesideAnother();
    const first = requestOf("GET /here");
    const rest = requestOf("GET /there") + requestOf("GET /here");
    client.receive(first + rest);
    await settled();
    assert.equal(client.responses().length, 1);
    assert.equal(given[0]?.bytes, rest);
  });

  test("has no deadline here, and nothing after it is read", async () => {
    const { client, given } = openBesideAnother();
    client.receive(requestOf("GET /there"));
    client.advance(3_600_000);
    client.receive(requestOf("GET /here"));
    await settled();
    assert.equal(client.sent, "");
    assert.equal(client.ending, undefined);
    assert.equal(given.length, 1);
  });

  test("in absolute form and HTTP/1.0 stays what it is", () => {
    const given: string[] = [];
    const handover: RequestHandover = {
      foreignSession: () => "s",
      handOver: (_, bytes) => given.push(bytes.toString("latin1")),
    };
    for (const head of [
      "GET http://h/there?a=1 HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /there HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
    ]) {
      const { client } = connect(() => text(""), {}, { handover });
      client.receive(head);
      assert.equal(given.at(-1), head);
    }
  });
});
