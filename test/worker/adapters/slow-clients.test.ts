/** An app must see a slow client exactly as under node:http. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, test } from "node:test";
import { deferred } from "../../support/deferred.ts";
import { exchange } from "../../support/raw-exchange.ts";
import { connect } from "../../support/server-address.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { SERVERS, serveWith } from "./both-servers.ts";

const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const PIECE = Buffer.alloc(65_536, "p");
/** More than the system buffers on a loopback connection. */
const BIG = Buffer.alloc(16 * 1024 * 1024, "b");

for (const kind of SERVERS) {
  describe(`under ${kind} a response to a slow client`, () => {
    test("says what waits, and when there is room again", async (t) => {
      const begun = deferred<ServerResponse>();
      const address = await serveWith(kind, t, (_, response) => {
        begun.resolve(response);
      });
      const client = connect(address).pause();
      client.write(GET);
      const response = await begun.promise;
      assert.deepEqual(
        [response.writableLength, response.writableNeedDrain],
        [0, false],
      );
      let hasRoom = true;
      let drains = 0;
      response.on("drain", () => {
        drains++;
        hasRoom = true;
      });
      // Full is what stays full: the client takes nothing.
      const isFull = async () => {
        while (hasRoom) hasRoom = response.write(PIECE);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return !hasRoom;
      };
      await waitUntil(isFull, { what: "no room", timeoutMs: 20_000 });
      const { writableHighWaterMark: mark } = response;
      assert.ok(response.writableLength >= mark, `${response.writableLength}`);
      assert.equal(response.writableNeedDrain, true);
      assert.equal(response.write("more"), false);
      const before = drains;
      client.resume();
      await waitUntil(() => drains > before, { what: "drain" });
      assert.equal(response.writableNeedDrain, false);
      response.end();
      await once(response, "finish");
      assert.equal(response.writableLength, 0);
      assert.equal(response.writableNeedDrain, false);
      client.destroy();
    });

    test("is finished when all of it has left, not before", async (t) => {
      const begun = deferred<ServerResponse>();
      const address = await serveWith(kind, t, (_, response) => {
        begun.resolve(response);
        response.end(BIG);
      });
      const client = connect(address).pause();
      client.write(GET);
      const response = await begun.promise;
      let isFinished = false;
      response.on("finish", () => {
        isFinished = true;
      });
      await waitUntil(() => response.writableLength > 0, { what: "bytes" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(
        [isFinished, response.writableEnded, response.writableFinished],
        [false, true, false],
      );
      client.resume();
      await once(response, "finish");
      assert.equal(response.writableFinished, true);
      client.destroy();
    });
  });

  describe(`under ${kind} the socket of a request`, () => {
    test("that is destroyed with an error tells of it", async (t) => {
      const error = deferred<Error>();
      const address = await serveWith(kind, t, ({ socket }) => {
        socket.on("error", error.resolve);
        socket.destroy(new Error("enough"));
      });
      await exchange(address, GET, { untilClosed: true });
      assert.equal((await error.promise).message, "enough");
    });

    test("needs no listener for that", async (t) => {
      const address = await serveWith(kind, t, (request, response) => {
        const own = new Error("enough");
        if (request.url === "/1") request.socket.destroy(own);
        else if (request.url === "/2") request.destroy(own);
        else response.destroy(own);
      });
      for (const target of ["/1", "/2", "/3"]) {
        const bytes = GET.replace("/", target);
        const { raw } = await exchange(address, bytes, { untilClosed: true });
        assert.equal(raw.length, 0);
      }
    });

    test("has no error where its client leaves", async (t) => {
      const events: string[] = [];
      const closed = deferred<void>();
      const begun = deferred<void>();
      const address = await serveWith(kind, t, ({ socket }) => {
        socket.on("error", () => events.push("error"));
        socket.on("close", closed.resolve);
        begun.resolve();
      });
      const client = connect(address);
      client.write(GET);
      await begun.promise;
      client.destroy();
      await closed.promise;
      assert.deepEqual(events, []);
    });
  });
}

/** Node's own emits "finish" also there. */
test("a response to a slow client that leaves is not finished", async (t) => {
  const begun = deferred<ServerResponse>();
  const events: string[] = [];
  const address = await serveWith("this server", t, (_, response) => {
    for (const event of ["finish", "close"]) {
      response.on(event, () => events.push(event));
    }
    begun.resolve(response);
    response.end(BIG);
  });
  const client = connect(address).pause();
  client.write(GET);
  const response = await begun.promise;
  await waitUntil(() => response.writableLength > 0, { what: "bytes" });
  client.resetAndDestroy();
  await once(response, "close");
  assert.deepEqual(events, ["close"]);
});
