import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { SystemdNotifier } from "../../../src/master/host/systemd-notifier.ts";
import { NotifyRecorder } from "../../support/notify-recorder.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { memoryLogger } from "../../worker/memory-logger.ts";

function open(test: TestContext, then?: string) {
  const recorder = new NotifyRecorder(test, then);
  const { logger, lines } = memoryLogger();
  const program = recorder.env.PATH?.split(":")[0];
  const notifier = new SystemdNotifier({
    socket: recorder.socket,
    logger,
    program: `${program}/systemd-notify`,
  });
  test.after(() => notifier.close());
  return { recorder, notifier, lines };
}

describe("a notifier of systemd", () => {
  it("tells all in order, and waits for it when it is closed", async (t) => {
    const { recorder, notifier } = open(t);
    notifier.notify({ RELOADING: 1, MONOTONIC_USEC: "12" });
    notifier.notify({ READY: 1, STATUS: "two words" });
    notifier.notify({ STOPPING: 1 });
    await notifier.close();
    assert.deepEqual(recorder.messages, [
      { RELOADING: "1", MONOTONIC_USEC: "12" },
      { READY: "1", STATUS: "two words" },
      { STOPPING: "1" },
    ]);
    assert.equal(recorder.sockets[0], recorder.socket);
  });

  it("makes one line of a text, which would be assignments", async (t) => {
    const { recorder, notifier } = open(t);
    notifier.notify({ STATUS: "bad\nMAINPID=1" });
    await notifier.close();
    assert.deepEqual(recorder.messages, [{ STATUS: "bad MAINPID=1" }]);
  });

  it("never has two pings wait", async (t) => {
    const { recorder, notifier } = open(t);
    notifier.notify({ READY: 1 });
    for (let count = 0; count < 100; count++) notifier.ping();
    await notifier.close();
    assert.deepEqual(recorder.messages, [{ READY: "1" }, { WATCHDOG: "1" }]);
  });

  it("does not wait for a program that hangs", async (t) => {
    const { recorder, notifier } = open(t, "exec sleep 600");
    const startedAt = performance.now();
    for (let count = 0; count < 100; count++) notifier.notify({ READY: count });
    assert.ok(performance.now() - startedAt < 1_000);
    await waitUntil(() => recorder.messages.length > 0, { what: "one" });
    await notifier.close();
    assert.equal(recorder.messages.length, 1, "one process at a time");
    assert.ok(performance.now() - startedAt < 8_000, "closing has its time");
  });

  it("says once that the program is not there, and gives up", async () => {
    const { logger, lines } = memoryLogger();
    const program = "/nonexistent/systemd-notify";
    const notifier = new SystemdNotifier({ socket: "@a", logger, program });
    for (let count = 0; count < 5; count++) notifier.notify({ READY: 1 });
    await notifier.close();
    notifier.notify({ READY: 1 });
    await notifier.close();
    const said = lines.map(({ msg }) => msg);
    assert.deepEqual(said, ["cannot tell systemd: a program is missing"]);
  });

  it("says once that it fails, with what the program says", async (t) => {
    const { notifier, lines } = open(t, "echo no such socket >&2; exit 1");
    for (let count = 0; count < 3; count++) notifier.notify({ READY: count });
    await notifier.close();
    const said = lines.map(({ msg, error }) => [msg, error]);
    assert.deepEqual(said, [["cannot tell systemd", "no such socket"]]);
  });
});
