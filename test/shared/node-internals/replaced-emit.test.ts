import assert from "node:assert/strict";
import { createServer, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { describe, it, test } from "node:test";
import {
  emitPast,
  hasReplacedEmit,
} from "../../../src/shared/node-internals/replaced-emit.ts";

test("an event can be emitted past those who replaced emit()", () => {
  const server = createServer();
  const seen: unknown[] = [];
  server.emit = () => assert.fail("told");
  server.on("request", (...args) => seen.push(...args));
  emitPast(server, "request", 1, 2);
  assert.deepEqual(seen, [1, 2]);
});

describe("a server's emit()", () => {
  it("is Node's own as long as nobody replaces it", () => {
    assert.equal(hasReplacedEmit(createServer()), false);
    assert.equal(hasReplacedEmit(createTlsServer()), false);
  });

  it("is known to be replaced in one server", () => {
    const server = createServer();
    server.emit = () => true;
    assert.equal(hasReplacedEmit(server), true);
    assert.equal(hasReplacedEmit(createServer()), false);
  });

  it("is known to be replaced in the class", (t) => {
    const before = createServer();
    t.mock.method(Server.prototype, "emit", () => true);
    assert.equal(hasReplacedEmit(createServer()), true);
    assert.equal(hasReplacedEmit(before), true);
    t.mock.restoreAll();
  });
});
