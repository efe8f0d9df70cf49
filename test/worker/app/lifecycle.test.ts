import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { App } from "../../../src/worker/app/app.ts";

describe("the hooks of an app", () => {
  it("for the start are awaited, in order", async () => {
    const events: string[] = [];
    const app = new App();
    app.onStart(async () => {
      await nextTurn();
      events.push("first");
    });
    app.onStart(() => void events.push("second"));
    await app.lifecycle.start();
    assert.deepEqual(events, ["first", "second"]);
  });

  it("for the start end with the first that fails", async () => {
    const app = new App();
    app.onStart(() => {
      throw new Error("no database");
    });
    app.onStart(() => assert.fail("not called"));
    await assert.rejects(app.lifecycle.start(), { message: "no database" });
  });

  it("for the stop are awaited, the last one first, all of them", async () => {
    const events: string[] = [];
    const app = new App();
    app.onStop(() => void events.push("first"));
    app.onStop(async () => {
      throw new Error("away");
    });
    app.onStop(async () => {
      await nextTurn();
      events.push("last");
    });
    const errors = await app.lifecycle.stop();
    assert.deepEqual(events, ["last", "first"]);
    assert.deepEqual(errors.map(String), ["Error: away"]);
  });

  it("of a mounted app are called with those of the outer one", async () => {
    const events: string[] = [];
    const inner = new App().onStart(() => void events.push("inner"));
    const app = new App().onStart(() => void events.push("outer"));
    app.mount("/in", inner);
    await app.lifecycle.start();
    assert.deepEqual(events, ["outer", "inner"]);
  });

  it("are functions, registered before the first request", () => {
    const app = new App();
    assert.throws(() => app.onStart("x" as never), {
      message: "onStart() takes a function, not string",
    });
    app.prepare();
    assert.throws(() => app.onStop(() => {}), /onStop\(\) came too late/);
  });
});
