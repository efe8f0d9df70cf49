import assert from "node:assert/strict";
import { createServer, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { describe, it } from "node:test";
import { hasReplacedEmit } from "../../../src/shared/node-internals/replaced-emit.ts";

describe("a server's emit()", () => {
  it("is Node's own as long as nobody replaces it", () => {
    assert.equal(hasReplacedEmit(), false);
    assert.equal(hasReplacedEmit(createServer()), false);
    assert.equal(hasReplacedEmit(createTlsServer()), false);
  });

  it("is known to be replaced in one server", () => {
    const server = createServer();
    server.emit = () => true;
    assert.equal(hasReplacedEmit(server), true);
    assert.equal(hasReplacedEmit(), false);
  });

  it("is known to be replaced in the class", (t) => {
    const before = createServer();
    t.mock.method(Server.prototype, "emit", () => true);
    assert.equal(hasReplacedEmit(), true);
    assert.equal(hasReplacedEmit(before), true);
    t.mock.restoreAll();
  });
});
