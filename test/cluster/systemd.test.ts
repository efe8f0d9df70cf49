import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { NotifyRecorder } from "../support/notify-recorder.ts";
import { projectFolder } from "../support/project-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const GOOD = 'import { createApp } from "remuda"; export default createApp();';
const BAD = 'throw new Error("bad\\nMAINPID=1");';
const QUICK = { REMUDA_DRAIN_LINGER_MS: "0" };

after(stopAllDaemons);

describe("under systemd", { concurrency: 2 }, () => {
  test("the start, reloads and the stop are told", async (t) => {
    const recorder = new NotifyRecorder(t);
    const cwd = projectFolder(t);
    const app = path.join(cwd, "app.mjs");
    writeFileSync(app, GOOD);
    const env = { ...recorder.env, ...QUICK };
    const args = ["--workers", "2", "--drain-deadline-ms", "9000"];
    const daemon = await startDaemon({ cwd, app: "app.mjs", args, env });
    const ready = await recorder.untilTold("READY");
    assert.equal(ready.STATUS, "Serving with 2 workers");
    assert.equal(recorder.messages[0]?.EXTEND_TIMEOUT_USEC, "35000000");

    const before = process.hrtime.bigint() / 1_000n;
    daemon.signal("SIGHUP");
    const isOf = (generation: number) => (status: string) =>
      status === `Serving generation ${generation}`;
    const done = await recorder.untilTold("STATUS", isOf(2));
    assert.equal(done.READY, "1");
    const reloading = recorder.messages.find((each) => "RELOADING" in each);
    const at = BigInt(reloading?.MONOTONIC_USEC ?? 0);
    assert.ok(at >= before, "by the clock that systemd has");
    assert.ok(at <= process.hrtime.bigint() / 1_000n);

    writeFileSync(app, BAD);
    daemon.signal("SIGHUP");
    const why = /^The last reload failed.*old workers go on: .*bad MAINPID=1/;
    const failed = await recorder.untilTold("STATUS", (text) => why.test(text));
    assert.equal(failed.READY, "1", "the service is not reloading any more");
    assert.ok(!recorder.messages.some((each) => "MAINPID" in each));

    daemon.signal("SIGTERM");
    const stopping = await recorder.untilTold("STOPPING");
    // The delay before the drain, the drain, and some.
    assert.equal(stopping.EXTEND_TIMEOUT_USEC, String(19_000_000));
    daemon.signal("SIGTERM");
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
  });

  test("an upgrade tells of the new main process, first", async (t) => {
    // Slower than the old master's workers are to leave.
    const recorder = new NotifyRecorder(t, "sleep 0.5");
    const env = { ...recorder.env, ...QUICK };
    const daemon = await startDaemon({ args: ["--workers", "1"], env });
    await recorder.untilTold("READY");
    daemon.signal("SIGUSR2");
    const { successorPid } = await daemon.waitForLog("upgraded", {
      timeoutMs: 60_000,
    });
    const { MAINPID } = await recorder.untilTold("MAINPID");
    assert.equal(MAINPID, String(successorPid));
    const isAlive = daemon.masterPids().includes(daemon.pid);
    assert.ok(isAlive, "the old one waits until that is told");
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    assert.ok(!recorder.messages.some((each) => "STOPPING" in each));
    process.kill(Number(successorPid), "SIGHUP");
    await recorder.untilTold("STATUS", (text) => text.includes("generation 3"));
    await daemon.stop();
    await recorder.untilTold("STOPPING");
  });

  test("the watchdog hears of the master while its loop turns", async (t) => {
    const recorder = new NotifyRecorder(t);
    const env = { ...recorder.env, ...QUICK, WATCHDOG_USEC: "200000" };
    const daemon = await startDaemon({ args: ["--workers", "1"], env });
    const pings = () => recorder.messages.filter((each) => "WATCHDOG" in each);
    const isAlive = () => pings().length > 2;
    await waitUntil(isAlive, { what: "pings", timeoutMs: 60_000 });
    await daemon.stop();
  });

  test("no worker can speak for the service", async (t) => {
    const recorder = new NotifyRecorder(t);
    const env = {
      ...recorder.env,
      WATCHDOG_USEC: "60000000",
      LISTEN_FDS: "1",
      LISTEN_PID: "1",
    };
    const daemon = await startDaemon({ args: ["--workers", "2"], env });
    assert.equal(daemon.workerPids().length, 2);
    for (const pid of daemon.workerPids()) {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      assert.doesNotMatch(environment, /NOTIFY_SOCKET|WATCHDOG_|LISTEN_/);
    }
    await daemon.stop();
  });

  test("a missing systemd-notify is said, and the server serves", async () => {
    const env = { NOTIFY_SOCKET: "/nonexistent/socket", PATH: "/nonexistent" };
    const daemon = await startDaemon({ args: ["--workers", "1"], env });
    const message = "cannot tell systemd: a program is missing";
    await daemon.waitForLog(message);
    await daemon.stop();
    const said = daemon.logs.filter(({ msg }) => msg === message);
    assert.equal(said.length, 1);
  });
});
