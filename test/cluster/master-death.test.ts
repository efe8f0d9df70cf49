import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { cpuSeconds } from "../support/cpu-seconds.ts";
import { Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/trouble-app.js";
const DEADLINE_MS = 2_000;
/** Which a worker may take for its last steps, and a test for looking. */
const GRACE_MS = 2_000 + 2_000;

const reports = mkdtempSync(path.join(tmpdir(), "remuda-death-"));
after(async () => {
  await stopAllDaemons();
  rmSync(reports, { recursive: true });
});

const DRAIN = [
  ...["--drain-deadline-ms", String(DEADLINE_MS)],
  ...["--drain-linger-ms", "100", "--report-dir", reports],
];

function start(...args: readonly string[]): Promise<Daemon> {
  return startDaemon({ app: APP, args: ["--workers", "2", ...DRAIN, ...args] });
}

function ask(daemon: Daemon, target: string) {
  const request = `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
  return exchange(daemon.address, request, {
    untilClosed: true,
    timeoutMs: 60_000,
  });
}

async function untilActive(daemon: Daemon, count: number): Promise<void> {
  const isActive = async () => {
    const name = "http_server_active_requests";
    return (await daemon.metricSum(name)) === count;
  };
  await waitUntil(isActive, { what: `${count} requests in flight` });
}

/** KILL to the master; how long the last of its workers stays. */
async function orphansStayMs(
  daemon: Daemon,
  timeoutMs = DEADLINE_MS + GRACE_MS,
): Promise<number> {
  const killedAt = performance.now();
  daemon.signal("SIGKILL");
  await waitUntil(() => daemon.processes().length === 0, {
    what: "no process to be left",
    timeoutMs,
  });
  return performance.now() - killedAt;
}

describe("when the master is killed", { concurrency: 2 }, () => {
  test("workers finish what they have begun, and leave", async (t) => {
    const daemon = await start();
    const slow = ask(daemon, "/slow/1500");
    await untilActive(daemon, 1);
    const ms = await orphansStayMs(daemon);
    assert.equal((await slow).responses[0]?.status, 200);
    t.diagnostic(`the last one left after ${ms.toFixed()} ms`);
  });

  test("requests that take longer are cut at the deadline", async () => {
    const daemon = await start();
    const slow = ask(daemon, "/slow/60000");
    await untilActive(daemon, 1);
    await orphansStayMs(daemon);
    assert.deepEqual((await slow).responses, []);
  });

  test("a worker that drains already goes on to do so", async () => {
    const daemon = await start();
    const slow = ask(daemon, "/slow/1000");
    await untilActive(daemon, 1);
    daemon.signal("SIGQUIT");
    await daemon.waitForLog("stopping");
    await orphansStayMs(daemon);
    assert.equal((await slow).responses[0]?.status, 200);
  });

  test("a worker whose event loop is blocked does not stay", async (t) => {
    const daemon = await start();
    const blocked = ask(daemon, "/block");
    const name = "server_worker_heartbeat_age_seconds";
    const isBlocked = async () => (await daemon.metricSum(name)) > 2.5;
    await waitUntil(isBlocked, { what: "a blocked worker" });
    const ms = await orphansStayMs(daemon);
    t.diagnostic(`the blocked one was gone after ${ms.toFixed()} ms`);
    assert.deepEqual((await blocked).responses, []);
  });

  test("a blocked worker that accepts does not keep the port", async (t) => {
    const args = [
      ...["--workers", "1", "--scheduling", "shared"],
      ...["--heartbeat-timeout-ms", "2000", "--drain-deadline-ms", "60000"],
    ];
    const daemon = await startDaemon({ app: APP, args });
    const { port } = daemon;
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    t.after(() => socket.destroy());
    // Read before it hears of the master's end, or after: it blocks.
    await new Promise((resolve) => {
      socket.write("GET /block HTTP/1.1\r\nHost: a\r\n\r\n", resolve);
    });
    const ms = await orphansStayMs(daemon, 2_000 + GRACE_MS);
    t.diagnostic(`it was gone after ${ms.toFixed()} ms`);
    const next = await startDaemon({
      app: APP,
      args: ["--workers", "1", "--port", String(port)],
    });
    await next.stop();
  });

  test("a worker that is blocked as it starts does not stay", async (t) => {
    const app = "test/fixtures/blocked-start-app.js";
    const args = ["--workers", "1", "--start-timeout-ms", "60000", ...DRAIN];
    const daemon = new Daemon({ app, args });
    t.after(() => daemon.kill());
    const isBlocked = () =>
      daemon.workerPids().some((pid) => {
        return cpuSeconds(pid) > 1; // more than any start takes
      });
    await waitUntil(isBlocked, { what: "it to loop", timeoutMs: 60_000 });
    const ms = await orphansStayMs(daemon);
    t.diagnostic(`it was gone after ${ms.toFixed()} ms`);
  });
});
