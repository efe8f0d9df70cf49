import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import { waitUntil } from "../support/wait-until.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

after(stopAllDaemons);

function readyCount(daemon: Daemon): Promise<number> {
  return daemon.metricSum("server_workers", { state: "ready" });
}

function untilReadyCount(daemon: Daemon, count: number): Promise<unknown> {
  const isSo = async () => (await readyCount(daemon)) === count;
  return waitUntil(isSo, { what: `${count} ready workers`, timeoutMs: 60_000 });
}

async function isServing(daemon: Daemon): Promise<boolean> {
  const asked = { untilClosed: true, timeoutMs: 60_000 } as const;
  const { responses } = await exchange(daemon.address, GET, asked);
  return responses[0]?.status === 200;
}

describe("the master", { concurrency: 2 }, () => {
  test("adds a worker on TTIN and takes one away on TTOU", async () => {
    const daemon = await startDaemon({ args: ["--workers", "1"] });
    daemon.signal("SIGTTIN");
    await untilReadyCount(daemon, 2);
    daemon.signal("SIGTTOU");
    await untilReadyCount(daemon, 1);
    daemon.signal("SIGTTOU"); // the last one stays
    const scaled = { reason: "scale" };
    const name = "server_worker_restarts_total";
    assert.equal(await daemon.metricSum(name, scaled), 1);
    assert.ok(await isServing(daemon));
    await daemon.stop();
  });

  test("drains all workers on WINCH; clients wait for the reload", async () => {
    const daemon = await startDaemon({ args: ["--workers", "1"] });
    daemon.signal("SIGWINCH");
    await waitUntil(
      async () => (await daemon.status<Workers>()).workers.length === 0,
      { what: "the workers to leave" },
    );
    assert.equal((await daemon.get("/readyz")).status, 503);
    assert.equal((await daemon.get("/livez")).status, 200);
    const waiting = isServing(daemon);
    daemon.signal("SIGHUP");
    assert.ok(await waiting);
    await daemon.stop();
  });

  for (const signal of ["SIGUSR1", "SIGUSR2"] as const) {
    test(`${signal} opens no inspector and ends nothing`, async () => {
      const daemon = await startDaemon({ args: ["--workers", "2"] });
      const pids = daemon.workerPids();
      daemon.signal(signal);
      for (const pid of pids) process.kill(pid, signal);
      assert.ok(await isServing(daemon));
      assert.deepEqual(daemon.workerPids(), pids);
      assert.doesNotMatch(daemon.stderr, /Debugger/);
      await daemon.stop();
    });
  }

  test("replaces a worker that got TERM, new one first", async () => {
    const daemon = await startDaemon({ args: ["--workers", "1"] });
    const [old] = daemon.workerPids();
    assert.ok(old);
    process.kill(old, "SIGTERM");
    await waitUntil(() => !daemon.workerPids().includes(old), {
      what: "the old worker to leave",
    });
    assert.equal(await readyCount(daemon), 1);
    const retired = { reason: "retired" };
    const name = "server_worker_restarts_total";
    assert.equal(await daemon.metricSum(name, retired), 1);
    await daemon.stop();
  });

  test("workers outlive an INT that a terminal sends to all", async () => {
    const daemon = await startDaemon({ args: ["--workers", "2"] });
    const pids = daemon.workerPids();
    for (const pid of pids) process.kill(pid, "SIGINT");
    assert.ok(await isServing(daemon));
    assert.deepEqual(daemon.workerPids(), pids);
    await daemon.stop();
  });

  test("serves on a unix socket, and removes it at the end", async () => {
    const socketPath = `/tmp/remuda-test-${process.pid}.sock`;
    for (const scheduling of ["balanced", "shared"]) {
      const args = ["--socket-path", socketPath, "--scheduling", scheduling];
      const daemon = await startDaemon({ args });
      assert.ok(await isServing(daemon));
      await daemon.stop();
      const left = await exchange({ socketPath }, GET, {
        untilClosed: true,
      }).catch(({ code }) => code);
      assert.equal(left, "ENOENT");
    }
  });
});

interface Workers {
  readonly workers: readonly unknown[];
}
