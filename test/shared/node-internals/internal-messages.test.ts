import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import {
  handleAnswerOf,
  isClusterMessage,
  onInternalMessage,
} from "../../../src/shared/node-internals/internal-messages.ts";
import {
  isEnvelope,
  wrap,
} from "../../../src/shared/node-internals/ipc-envelope.ts";
import { deferred } from "../../support/deferred.ts";
import { acceptedConnection } from "./accepted-connection.ts";
import { ask, channelChild } from "./channel-child.ts";

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

describe("an envelope", { timeout: 30_000 }, () => {
  it("reaches the internal listener of the other end alone", async (t) => {
    const child = channelChild(t);
    ask(child, "sayAppMessage");
    await once(child, "message"); // it listens now
    const { promise, resolve } = deferred<unknown>();
    onInternalMessage(child, (message) => {
      if (isEnvelope(message)) resolve(message.message);
    });
    child.on("message", () => assert.fail("no app may hear it"));
    child.send(wrap({ echo: [1, 2] }));
    assert.deepEqual(await promise, { echo: [1, 2] });
    assert.equal(isEnvelope({ cmd: "NODE_OTHER" }), false);
    assert.equal(isEnvelope(null), false);
  });
});
