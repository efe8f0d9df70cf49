import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { createServer, type Server } from "node:http";
import { describe, test } from "node:test";
import { ServerAgents } from "../../../src/worker/adapters/server-agents.ts";

/** Sees requests as an agent does. */
function hookInto(server: Server): void {
  const { emit } = server;
  server.emit = (...args: unknown[]) => Reflect.apply(emit, server, args);
}

const yes = () => true;
const no = () => false;

describe("the agents of a server", () => {
  test("make no spans where there are none", () => {
    const agents = new ServerAgents(createServer());
    assert.equal(agents.makesSpans(yes), false);
  });

  test("make spans if one is active in the first request", () => {
    const server = createServer();
    const agents = new ServerAgents(server);
    hookInto(server);
    assert.equal(agents.makesSpans(yes), true);
    server.emit("request");
    assert.equal(agents.makesSpans(no), true);
    assert.equal(server.listenerCount("request"), 0);
  });

  test("make none if none is active in it", () => {
    const server = createServer();
    const agents = new ServerAgents(server);
    hookInto(server);
    assert.equal(agents.makesSpans(no), true);
    server.emit("request");
    assert.equal(agents.makesSpans(yes), false);
  });

  test("are also those that a channel tells of requests", (t) => {
    const start = channel("http.server.request.start");
    const subscriber = () => {};
    start.subscribe(subscriber);
    t.after(() => start.unsubscribe(subscriber));
    const agents = new ServerAgents(createServer());
    assert.equal(agents.makesSpans(yes), true);
  });
});
