import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { ok, stream } from "../../../src/worker/http/response-helpers.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const GET = requestOf("GET /");

describe("a request that is dropped", () => {
  test("while its handler runs gets no answer", async () => {
    const { client, observer } = connect((request) => {
      request.drop();
      return ok("dropped");
    });
    client.receive(GET + GET);
    await settled();
    assert.equal(client.sent, "");
    assert.deepEqual(observer.events, ["request", "abort /"]);
  });

  test("later gets no answer, and its handler is told", async () => {
    let dropped: HttpRequest | undefined;
    const reasons: string[] = [];
    const { client, observer } = connect((request) => {
      dropped = request;
      request.whenAborted(({ message }) => reasons.push(message));
      return new Promise(() => {});
    });
    client.receive(GET);
    dropped?.drop();
    dropped?.drop();
    await settled();
    assert.equal(client.sent, "");
    assert.deepEqual(reasons, ["its handler dropped the client"]);
    assert.deepEqual(observer.events, ["request", "abort /"]);
  });

  test("in the middle of its answer does not look whole", async () => {
    let dropped: HttpRequest | undefined;
    const { client } = connect((request) => {
      dropped = request;
      return stream(
        (async function* () {
          yield "half";
          await new Promise(() => {});
        })(),
      );
    });
    client.receive(GET);
    await settled();
    dropped?.drop();
    await settled();
    assert.match(client.sent, /half\r\n$/);
  });

  test("after its answer leaves the connection alone", async () => {
    const requests: HttpRequest[] = [];
    const { client } = connect((request) => {
      requests.push(request);
      return request.target === "/" ? ok("first") : new Promise(() => {});
    });
    client.receive(GET + requestOf("GET /second"));
    requests[0]?.drop();
    await settled();
    assert.match(client.sent, /first$/);
  });
});

describe("what adapters are told of a client", () => {
  test("is that it ends its side, once, while it waits", async () => {
    const events: string[] = [];
    const { client } = connect((request) => {
      request.whenClientEnded(() => events.push("ended"));
      request.whenAborted(() => events.push("aborted"));
      return new Promise(() => {});
    });
    client.receive(GET);
    client.receiveEnd();
    await settled();
    assert.deepEqual(events, ["ended"]);
  });

  test("is that its connection is gone, with what they kept there", async () => {
    const events: string[] = [];
    const companion = { onConnectionClosed: () => events.push("closed") };
    const { client } = connect((request) => {
      assert.equal(
        request.companion,
        request.target === "/" ? undefined : companion,
      );
      request.companion = companion;
      return ok();
    });
    client.receive(GET);
    client.receive(requestOf("GET /second"));
    assert.deepEqual(events, []);
    client.leave();
    await settled();
    assert.deepEqual(events, ["closed"]);
  });

  test("also where they ask when it has left already", () => {
    let left: HttpRequest | undefined;
    const { client } = connect((request) => {
      left = request;
      return new Promise(() => {});
    });
    client.receive(GET);
    client.leave();
    const reasons: string[] = [];
    left?.whenAborted(({ message }) => reasons.push(message));
    assert.deepEqual(reasons, ["the client left"]);
  });
});
