import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { onInternalMessage } from "../../../src/shared/node-internals/internal-messages.ts";
import {
  isEnvelope,
  wrap,
} from "../../../src/shared/node-internals/ipc-envelope.ts";
import { deferred } from "../../support/deferred.ts";
import { ask, channelChild } from "./channel-child.ts";

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
