import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { z } from "zod";
import { reloadable } from "../../../src/master/supervisor/in-force.ts";
import { listenersOf } from "../../../src/shared/config/listeners-of.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";

type Given = z.input<typeof settingsSchema>;

/** The listeners after a reload, and the changes that it ignores. */
function reloaded(running: Given, wanted: Given) {
  const before = settingsSchema.parse(running);
  const { settings, ignored } = reloadable(
    before,
    settingsSchema.parse(wanted),
  );
  return { listeners: listenersOf(settings), ignored, settings };
}

const RUNNING: Given = {
  listen: [
    { port: 1, keepAliveTimeoutMs: 10 },
    { socketPath: "/run/a.sock", scheduling: "shared" },
  ],
};

describe("the listeners after a reload", () => {
  it("have the wanted time-outs and TLS", () => {
    const tls = { certFile: "/cert.pem", keyFile: "/key.pem" };
    const { listeners, ignored } = reloaded(RUNNING, {
      writeTimeoutMs: 7,
      listen: [
        { port: 1, keepAliveTimeoutMs: 20, tls },
        { socketPath: "/run/a.sock", scheduling: "shared" },
      ],
    });
    assert.deepEqual(ignored, []);
    const [one, other] = listeners;
    assert.equal(one?.timeouts.keepAliveTimeoutMs, 20);
    assert.equal(one?.tls.certFile, "/cert.pem");
    assert.equal(other?.timeouts.writeTimeoutMs, 7);
    assert.equal(other?.tls.certFile, undefined);
  });

  it("are those of before, in their order, and what differs is named", () => {
    const { listeners, ignored } = reloaded(RUNNING, {
      listen: [
        { socketPath: "/run/a.sock", mode: "0600", keepAliveTimeoutMs: 30 },
        { port: 2 },
      ],
    });
    assert.deepEqual(ignored, [
      "listen: 127.0.0.1:2 is new",
      "listen: 127.0.0.1:1 is gone",
      "listen: mode of unix:/run/a.sock",
      "listen: scheduling of unix:/run/a.sock",
    ]);
    const [one, other] = listeners;
    assert.deepEqual(one?.address, { host: "127.0.0.1", port: 1 });
    assert.equal(one?.timeouts.keepAliveTimeoutMs, 10);
    assert.deepEqual(other?.address, { socketPath: "/run/a.sock" });
    assert.equal(other?.scheduling, "shared");
    assert.equal(other?.timeouts.keepAliveTimeoutMs, 30);
  });

  it("may come to be in a list, or to be the only one without", () => {
    const alone = { port: 1, keepAliveTimeoutMs: 10 };
    const listed = { listen: [{ port: 1, keepAliveTimeoutMs: 20 }] };
    const there = reloaded(alone, listed);
    assert.deepEqual(there.ignored, []);
    assert.equal(there.listeners[0]?.timeouts.keepAliveTimeoutMs, 20);
    const back = reloaded(listed, alone);
    assert.deepEqual(back.ignored, []);
    assert.equal(back.listeners[0]?.timeouts.keepAliveTimeoutMs, 10);
  });

  it("go on from reload to reload", () => {
    const first = reloaded(RUNNING, { listen: [{ port: 1 }] });
    const { settings, ignored } = reloadable(
      first.settings,
      settingsSchema.parse(RUNNING),
    );
    assert.deepEqual(ignored, []);
    const [one, other] = listenersOf(settings);
    assert.equal(one?.timeouts.keepAliveTimeoutMs, 10);
    assert.equal(other?.scheduling, "shared");
  });

  it("are told apart where they want any port", () => {
    const listen: Given["listen"] = [
      { port: 0 },
      { port: 0, scheduling: "shared" },
    ];
    const { listeners, ignored } = reloaded({ listen }, { listen });
    assert.deepEqual(ignored, []);
    assert.equal(listeners[1]?.scheduling, "shared");
  });
});
