import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  handleAnswerOf,
  isClusterMessage,
  onInternalMessage,
} from "../../../src/shared/node-internals/internal-messages.ts";
import { wrap } from "../../../src/shared/node-internals/ipc-envelope.ts";
import { deferred } from "../../support/deferred.ts";
import { acceptedConnection } from "./accepted-connection.ts";
import { channelChild } from "./channel-child.ts";

describe("Node's internal messages", { timeout: 30_000 }, () => {
  it("answer for a handle that a child was sent", async (t) => {
    const { handle } = await acceptedConnection(t);
    const child = channelChild(t);
    const { promise, resolve } = deferred<unknown>();
    onInternalMessage(child, resolve);
    child.send(wrap("with a handle"), handle as never, { keepOpen: true });
    assert.equal(handleAnswerOf(await promise), "taken");
  });

  it("refuse a handle by another one", () => {
    assert.equal(handleAnswerOf({ cmd: "NODE_HANDLE_NACK" }), "refused");
    assert.equal(handleAnswerOf({ cmd: "NODE_OTHER" }), undefined);
    assert.equal(handleAnswerOf(null), undefined);
  });

  it("have the cluster module's own", async (t) => {
    const child = channelChild(t, { NODE_UNIQUE_ID: "1" });
    const { promise, resolve } = deferred<unknown>();
    onInternalMessage(child, resolve);
    const message = await promise;
    assert.ok(isClusterMessage(message), JSON.stringify(message));
    assert.equal(isClusterMessage({ cmd: "NODE_OTHER" }), false);
    assert.equal(isClusterMessage(undefined), false);
  });
});
