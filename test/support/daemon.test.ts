import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import {
  type Daemon,
  type DaemonOptions,
  startDaemon,
  stopAllDaemons,
} from "./daemon.ts";
import { canFindProcesses } from "./marked-processes.ts";
import { runCli } from "./run-cli.ts";

const script = "test/support/fake-daemon.js";
const skip = canFindProcesses ? false : "needs /proc";

function startFake(options: DaemonOptions = {}): Promise<Daemon> {
  return startDaemon({ ...options, script });
}

describe("startDaemon", () => {
  afterEach(stopAllDaemons);

  test("knows pid, ports and log of a daemon that is ready", async () => {
    const daemon = await startFake();
    const listening = await daemon.waitForLog("listening");
    assert.equal(listening.pid, daemon.pid);
    assert.equal(listening.port, daemon.port);
    assert.deepEqual(daemon.address, { port: daemon.port });
    const admin = await daemon.waitForLog((line) => line.msg?.includes("adm"));
    assert.equal(admin.port, daemon.adminPort);
    assert.deepEqual(daemon.logs[0], { unparsed: "not JSON" });
  });

  test("asks the admin server", async () => {
    const daemon = await startFake({ app: "app.js", args: ["--workers=2"] });
    const { args } = await daemon.status<{ args: string[] }>();
    assert.equal(
      args.join(" "),
      "start app.js --port 0 --admin-port 0 --workers=2",
    );
    assert.equal(await daemon.metricSum("a"), 5);
    assert.equal(await daemon.metricSum("a", { x: "2" }), 3);
    assert.equal((await daemon.get("/nothing")).status, 404);
    await assert.rejects(daemon.waitForLog("x", { timeoutMs: 1 }), /no "x"/);
  });

  test("leaves the ports to arguments that name them", async () => {
    const own = ["--socket-path=/x", "--admin-port", "1"];
    const daemon = await startFake({ args: own });
    const { args } = await daemon.status<{ args: string[] }>();
    assert.deepEqual(args, ["start", ...own]);
  });

  test("waits for a line after those that have come", async () => {
    const daemon = await startFake();
    for (let reloads = 1; reloads <= 2; reloads++) {
      const since = daemon.logs.length;
      const reloaded = daemon.waitForLog("reloaded", { since });
      daemon.signal("SIGHUP");
      await reloaded;
      const { length } = daemon.logs.filter(({ msg }) => msg === "reloaded");
      assert.equal(length, reloads);
    }
  });

  test("says how a daemon ended that never was ready", async () => {
    await assert.rejects(startFake({ args: ["--exit-early"] }), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /exited with 3/);
      assert.match(error.message, /about to fail/);
      assert.match(error.message, /no such app/);
      return true;
    });
  });

  test("says that it could not even spawn", async () => {
    const cwd = "/no/such/folder";
    await assert.rejects(startFake({ cwd }), /ENOENT/);
  });
});

describe("a daemon's stop()", () => {
  afterEach(stopAllDaemons);

  test("leaves no process", async () => {
    const daemon = await startFake();
    await daemon.stop();
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    assert.deepEqual(daemon.processes(), []);
    await daemon.stop();
  });

  test("tells master from worker", { skip }, async () => {
    const daemon = await startFake();
    assert.deepEqual(daemon.masterPids(), [daemon.pid]);
    assert.equal(daemon.workerPids().length, 1);
    assert.equal(daemon.processes().length, 2);
  });

  for (const flag of ["--stubborn", "--leave-orphan"]) {
    test(`kills and rejects with ${flag}`, { skip }, async () => {
      const daemon = await startFake({ args: [flag] });
      await assert.rejects(daemon.stop({ timeoutMs: 200 }), /had to kill/);
      assert.deepEqual(daemon.processes(), []);
    });
  }
});

test("runCli gives code and output of a command", async () => {
  const result = await runCli(["start", "--exit-early"], { script });
  assert.equal(result.code, 3);
  assert.match(result.stdout, /about to fail/);
  assert.equal(result.stderr, "no such app\n");
});

test("runCli kills a command that does not end", async () => {
  const hung = runCli(["start"], { script, timeoutMs: 300 });
  await assert.rejects(hung, /remuda start: killed/);
});
