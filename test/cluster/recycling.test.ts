import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { cpuShare } from "../support/cpu-share.ts";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/trouble-app.js";
const MIB = 1024 * 1024;

const reports = mkdtempSync(path.join(tmpdir(), "remuda-recycling-"));
after(async () => {
  await stopAllDaemons();
  rmSync(reports, { recursive: true });
});

function ask(daemon: Daemon, target: string) {
  const request = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
  return exchange(daemon.address, request, {
    untilClosed: true,
    timeoutMs: 60_000,
  });
}

function restarts(daemon: Daemon, reason: string): Promise<number> {
  return daemon.metricSum("server_worker_restarts_total", { reason });
}

async function untilRestarted(
  daemon: Daemon,
  reason: string,
  count: number,
): Promise<void> {
  const isDone = async () => (await restarts(daemon, reason)) >= count;
  const what = `${count} replaced for ${reason}`;
  await waitUntil(isDone, { what, timeoutMs: 60_000 });
}

describe("workers are recycled", { concurrency: 2 }, () => {
  test("one that leaks is replaced at its limit, one by one", async (t) => {
    const limit = ["--max-worker-memory-bytes", String(200 * MIB)];
    const quick = ["--drain-linger-ms", "100", "--report-dir", reports];
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "2", ...limit, ...quick],
    });
    let leaks = 0;
    while ((await restarts(daemon, "memory")) < 2) {
      const { responses } = await ask(daemon, "/leak/8");
      assert.equal(responses[0]?.status, 200);
      leaks++;
      assert.ok(leaks < 500, "they are replaced");
      // As fast as a leak that is seen in time.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.equal(await restarts(daemon, "crash"), 0);
    assert.equal(
      daemon.logs.some(({ msg }) => msg === "killed worker"),
      false,
    );
    t.diagnostic(`${leaks} leaks of 8 MiB answered`);
    await daemon.stop();
  });

  test("one with twice the memory is killed at once", async () => {
    const limit = ["--max-worker-memory-bytes", String(150 * MIB)];
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "2", ...limit, "--report-dir", reports],
    });
    // Its memory may be read while it still grows: then the worker is told to
    // leave first, and a request that is in flight keeps it there.
    const requests = ["/leak/400", "/slow/30000"].map((target) => {
      return `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
    });
    const cut = exchange(daemon.address, requests.join(""), {
      methods: ["GET", "GET"],
      untilClosed: true,
      timeoutMs: 60_000,
    });
    const line = await daemon.waitForLog("killed worker", {
      timeoutMs: 60_000,
    });
    assert.equal(line.reason, "memory");
    assert.ok((await cut).responses.length < requests.length);
    assert.equal(await restarts(daemon, "memory"), 1);
    assert.equal((await ask(daemon, "/")).responses[0]?.status, 200);
    await daemon.stop();
  });

  test("a limit below what a fresh one takes makes no hot loop", async (t) => {
    const limit = ["--max-worker-memory-bytes", String(50 * MIB)];
    const quick = ["--drain-linger-ms", "0", "--report-dir", reports];
    const crashLoop = ["--crash-loop-max-failures", "3"];
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "1", ...limit, ...quick, ...crashLoop],
    });
    await daemon.waitForLog(({ msg }) => String(msg).startsWith("degraded"), {
      timeoutMs: 60_000,
    });
    const linesBefore = daemon.logs.length;
    const share = await cpuShare(daemon.pid, 10_000);
    const lines = daemon.logs.length - linesBefore;
    t.diagnostic(`master: ${(share * 100).toFixed(2)} %, ${lines} lines`);
    assert.ok(share < 0.05, `the master takes ${share} of a core`);
    assert.ok(lines <= 20, `${lines} lines`);
    assert.equal((await ask(daemon, "/")).responses[0]?.status, 200);
    await daemon.stop();
  });

  test("one whose heap is full dies of it, and is replaced", async () => {
    const env = { NODE_OPTIONS: "--max-old-space-size=64" };
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "1"],
      env,
    });
    ask(daemon, "/fill-heap").catch(() => {});
    const line = await daemon.waitForLog("worker died; a new one follows", {
      timeoutMs: 60_000,
    });
    assert.equal(line.reason, "oom");
    await untilRestarted(daemon, "oom", 1);
    assert.equal((await ask(daemon, "/")).responses[0]?.status, 200);
    await daemon.stop();
  });
});
