import assert from "node:assert/strict";
import { createServer, IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import {
  maxConnectionsOf,
  settingsWithoutEffect,
  stricterLimits,
} from "../../../src/worker/hosting/server-limits.ts";

const SETTINGS = {
  headTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  keepAliveTimeoutMs: 75_000,
  maxRequestsPerConnection: 0,
  maxHeadBytes: 16_384,
};

describe("the limits of a program's server", () => {
  it("are the settings' where the program says nothing", () => {
    assert.deepEqual(stricterLimits(createServer(), SETTINGS), {});
    const limit = maxConnectionsOf(createServer());
    assert.equal(limit, Number.POSITIVE_INFINITY);
  });

  it("hold where they are stricter", () => {
    const server = createServer({ maxHeaderSize: 8_192 });
    server.headersTimeout = 2_000;
    server.requestTimeout = 20_000;
    server.keepAliveTimeout = 61_000;
    server.maxRequestsPerSocket = 7;
    server.maxConnections = 3;
    assert.deepEqual(stricterLimits(server, SETTINGS), {
      headTimeoutMs: 2_000,
      bodyTimeoutMs: 20_000,
      keepAliveTimeoutMs: 61_000,
      maxRequestsPerConnection: 7,
      maxHeadBytes: 8_192,
    });
    assert.equal(maxConnectionsOf(server), 3);
  });

  it("are named where they have no effect", () => {
    assert.deepEqual(settingsWithoutEffect(createServer()), []);
    class OwnRequest extends IncomingMessage {}
    const server = createServer({
      IncomingMessage: OwnRequest,
      highWaterMark: 9,
    });
    server.maxHeadersCount = 9;
    assert.deepEqual(settingsWithoutEffect(server), [
      ...["maxHeadersCount", "IncomingMessage", "highWaterMark"],
    ]);
  });

  it("do not loosen those of the settings", () => {
    const server = createServer({ maxHeaderSize: 65_536 });
    server.headersTimeout = 20_000;
    server.requestTimeout = 0;
    server.keepAliveTimeout = 90_000;
    assert.deepEqual(stricterLimits(server, SETTINGS), {});
  });
});
