import assert from "node:assert/strict";
import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { test } from "node:test";
import { ownClassesOf } from "../../../src/shared/node-internals/server-classes.ts";

class OwnRequest extends IncomingMessage {}
class OwnResponse extends ServerResponse<IncomingMessage> {}

const OWN = { IncomingMessage: OwnRequest, ServerResponse: OwnResponse };

test("a server's own classes of messages are known", () => {
  for (const usual of [createServer(), createTlsServer()]) {
    assert.deepEqual(ownClassesOf(usual), []);
  }
  for (const own of [createServer(OWN), createTlsServer(OWN)]) {
    assert.deepEqual(ownClassesOf(own), ["IncomingMessage", "ServerResponse"]);
  }
});
