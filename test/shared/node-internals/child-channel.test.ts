import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import {
  type ChannelFilter,
  filterChannel,
} from "../../../src/shared/node-internals/child-channel.ts";
import { deferred } from "../../support/deferred.ts";
import { ask, type ChildAction, channelChild } from "./channel-child.ts";

/** Filters the channel of a child that is asked for one thing. */
function filtered(
  t: TestContext,
  action: ChildAction,
  filter: Partial<ChannelFilter>,
) {
  const child = channelChild(t);
  filterChannel(child, {
    onMessage: () => false,
    mayParse: () => true,
    onParsed() {},
    onError() {},
    ...filter,
  });
  ask(child, action);
  return child;
}

describe("the channel of a child", { timeout: 30_000 }, () => {
  it("gives an app's message before Node's listeners", async (t) => {
    const { promise, resolve } = deferred<unknown[]>();
    const child = filtered(t, "sayAppMessage", {
      onMessage: (...given) => {
        resolve(given);
        return true;
      },
    });
    child.on("message", () => assert.fail("the message was taken"));
    const [isInternal, message] = await promise;
    assert.equal(isInternal, false);
    assert.deepEqual(message, { hello: "parent" });
  });

  it("leaves to Node what the filter does not take", async (t) => {
    const { promise, resolve } = deferred<unknown>();
    const child = filtered(t, "sayAppMessage", {});
    child.on("message", resolve);
    assert.deepEqual(await promise, { hello: "parent" });
  });

  it("tells internal messages, and what Node throws for them", async (t) => {
    const { promise, resolve } = deferred<unknown[]>();
    const thrown = deferred<unknown>();
    const child = filtered(t, "sayInternalMessage", {
      onMessage: (...given) => {
        resolve(given);
        return false;
      },
      onError: thrown.resolve,
    });
    const error = new Error("of Node's own listener");
    child.on("internalMessage" as "message", () => {
      throw error;
    });
    const [isInternal, message] = await promise;
    assert.equal(isInternal, true);
    assert.deepEqual(message, { cmd: "NODE_OTHER", hello: 1 });
    assert.equal(await thrown.promise, error);
  });

  it("tells how long a message is whose end has not come", async (t) => {
    const { promise, resolve } = deferred<number>();
    filtered(t, "sayHalfAMessage", {
      onParsed: (chars) => {
        if (chars > 0) resolve(chars);
      },
    });
    assert.equal(await promise, '{"half":"'.length);
  });

  it("hands over what Node throws for bytes that are no JSON", async (t) => {
    const { promise, resolve } = deferred<unknown>();
    filtered(t, "sayNoJson", { onError: resolve });
    assert.ok((await promise) instanceof SyntaxError);
  });

  it("is not parsed where the filter does not want it", async (t) => {
    const { promise, resolve } = deferred<void>();
    filtered(t, "sayAppMessage", {
      mayParse: () => {
        resolve();
        return false;
      },
      onParsed: () => assert.fail("nothing is to be parsed"),
      onMessage: () => assert.fail("there is no message"),
    });
    await promise;
  });
});
