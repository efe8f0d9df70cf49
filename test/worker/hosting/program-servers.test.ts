import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, Server } from "node:http";
import https from "node:https";
import { beforeEach, describe, it } from "node:test";
import { promisify } from "node:util";
import { ProgramServers } from "../../../src/worker/hosting/program-servers.ts";

const ADDRESS = { address: "::", family: "IPv6", port: 8080 } as const;

/** What has been asked of the connections of a server. */
let asked: string[] = [];
let connections = 0;

const servers: ProgramServers = new ProgramServers({
  bind: ({ id }) => servers.onBound(id, id, ADDRESS),
  serve: () => ({
    get count() {
      return connections;
    },
    closeIdle: () => asked.push("closeIdle"),
    abortAll: () => asked.push("abortAll"),
    shutdown: () => asked.push("shutdown"),
  }),
  release: () => {},
  onFirstListen: () => {},
});
servers.install();

beforeEach(() => {
  asked = [];
  connections = 0;
});

describe("a server of a program", () => {
  it("has its address once it is bound, and then says so", async () => {
    const server = createServer();
    let hasSaid = false;
    server.listen(0, () => {
      hasSaid = true;
    });
    assert.deepEqual(server.address(), ADDRESS);
    assert.equal(server.listening, true);
    assert.equal(hasSaid, false);
    await once(server, "listening");
    assert.equal(hasSaid, true);
  });

  it("does not say that it listens when it was closed meanwhile", async () => {
    const server = createServer().listen(0);
    server.on("listening", () => assert.fail("listens"));
    server.close();
    await once(server, "close");
  });

  it("keeps a close() of its own, put there before or after", async () => {
    const server = createServer();
    const calls: string[] = [];
    const { close } = server;
    server.close = (callback) => {
      calls.push("own");
      return close.call(server, callback);
    };
    server.listen(0);
    await promisify(server.close).call(server);
    assert.deepEqual(calls, ["own"]);
    assert.equal(asked.at(-1), "shutdown");
    assert.equal(server.listening, false);
  });

  it("may be of a class with methods of its own", async () => {
    class OwnServer extends Server {
      override close(callback?: (error?: Error) => void): this {
        asked.push("own");
        return super.close(callback);
      }
    }
    const server = new OwnServer().listen(0);
    await promisify(server.close).call(server);
    assert.equal(asked[0], "own");
    assert.equal(asked.at(-1), "shutdown");
  });

  it("reports a second close(), also after the first is done", async () => {
    const server = createServer().listen(0);
    await promisify(server.close).call(server);
    const again = promisify(server.close).call(server);
    await assert.rejects(again, { code: "ERR_SERVER_NOT_RUNNING" });
    assert.equal(server.address(), null);
  });

  it("counts and closes its connections", async () => {
    for (const server of [createServer(), https.createServer()]) {
      asked = [];
      connections = 3;
      server.listen(0);
      const count = await promisify(server.getConnections).call(server);
      assert.equal(count, 3);
      server.closeIdleConnections();
      server.closeAllConnections();
      assert.deepEqual(asked, ["closeIdle", "abortAll"]);
    }
  });

  it("may listen again", async () => {
    const server = createServer().listen(0);
    await promisify(server.close).call(server);
    server.listen(0);
    assert.deepEqual(server.address(), ADDRESS);
    await once(server, "listening");
  });
});
