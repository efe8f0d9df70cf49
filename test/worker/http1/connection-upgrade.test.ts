import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { describe, test } from "node:test";
import type { HttpRequest } from "../../../src/worker/http/http-request.ts";
import { text } from "../../../src/worker/http/response-helpers.ts";
import { UpgradeResponse } from "../../../src/worker/http/upgrade-response.ts";
import { deferred } from "../../support/deferred.ts";
import { connect, requestOf, settled } from "./test-connection.ts";

const ASKED = ["Connection: Upgrade", "Upgrade: websocket"];
const GET = requestOf("GET /chat", ASKED);
const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

interface Taken {
  readonly request: HttpRequest;
  readonly socket: Duplex;
  readonly head: string;
}

/** A handler that takes the upgrade of "/chat". */
function chat() {
  const taken: Taken[] = [];
  const answer = (request: HttpRequest) => {
    if (request.target !== "/chat") return text(request.target);
    return new UpgradeResponse((socket, head) => {
      taken.push({ request, socket, head: head.toString("latin1") });
      socket.write(SWITCHED);
    });
  };
  return { taken, answer };
}

describe("an upgrade that is taken", () => {
  test("RFC 9110 §7.8 gives the socket to its handler", async () => {
    const { taken, answer } = chat();
    const { client, observer } = connect(answer);
    client.receive(GET);
    assert.equal(client.sent, SWITCHED);
    const [{ socket, head }] = taken as [Taken];
    assert.equal(head, "");
    const received: string[] = [];
    socket.on("data", (chunk) => received.push(String(chunk)));
    client.receive("no HTTP");
    await settled();
    assert.deepEqual(received, ["no HTTP"]);
    assert.deepEqual(observer.events, ["request", "response 101"]);
  });

  test("may come later, with what came meanwhile", async () => {
    const { taken, answer } = chat();
    const isAllowed = deferred();
    const { client } = connect(async (request) => {
      await isAllowed.promise;
      return answer(request);
    });
    client.receive(`${GET}one`);
    client.receive(" two");
    isAllowed.resolve();
    await settled();
    assert.equal(taken[0]?.head, "one two");
  });

  test("has no time-out", () => {
    const { answer } = chat();
    const { client } = connect(answer);
    client.receive(GET);
    client.advance(3_600_000);
    assert.equal(client.ending, undefined);
  });

  test("is in flight, and is told that the worker is leaving", () => {
    const { taken, answer } = chat();
    const { client, connection } = connect(answer);
    client.receive(GET);
    assert.equal(connection.isIdle, false);
    const { signal } = (taken[0] as Taken).request;
    assert.equal(signal.aborted, false);
    connection.onShutdown(5_000);
    assert.equal(signal.aborted, true);
    assert.match(String(signal.reason), /the worker is leaving/);
    assert.equal(client.ending, undefined);
  });

  test("is told when it is gone", () => {
    const { taken, answer } = chat();
    const { client, observer } = connect(answer);
    client.receive(GET);
    const { signal } = (taken[0] as Taken).request;
    client.leave();
    assert.equal(signal.aborted, true);
    assert.deepEqual(observer.events, ["request", "response 101"]);
  });

  for (const [how, fail] of [
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
  ] as const) {
    test(`ends where its handler ${how}, and only there`, async () => {
      const { client, observer } = connect(() => new UpgradeResponse(fail));
      client.receive(GET);
      await settled();
      assert.equal(client.ending, "reset");
      assert.equal(observer.events.at(-1), "response error: no");
    });
  }
});

describe("an upgrade that is not taken", () => {
  test("was not asked for: the answer is a 500", () => {
    const { client, observer } = connect(chat().answer);
    client.receive(requestOf("GET /chat"));
    assert.equal(client.responses()[0]?.status, 500);
    assert.match(observer.events[1] ?? "", /client did not ask for/);
  });
});

describe("what a client would switch to", () => {
  const upgradesOf = (wire: string): readonly string[] => {
    let upgrades: readonly string[] = [];
    const { client } = connect((request) => {
      upgrades = request.upgrades;
      return text("");
    });
    client.receive(wire);
    return upgrades;
  };
  const get = (...fields: string[]) => requestOf("GET /", fields);

  for (const [what, wire, upgrades] of [
    ["is named in Upgrade", GET, ["websocket"]],
    [
      "is a list, in the client's order",
      get("Upgrade: A/1, ,b", "Connection: x, UPGRADE", "Upgrade: c"),
      ["a/1", "b", "c"],
    ],
    ["is nothing where it is not meant", get("Upgrade: websocket"), []],
  ] as const) {
    test(`RFC 9110 §7.8 ${what}`, () => {
      assert.deepEqual(upgradesOf(wire), upgrades);
    });
  }
});
