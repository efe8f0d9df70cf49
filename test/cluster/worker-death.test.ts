import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/load-app.js";
const LOAD_SECONDS = 20;
const KILLS = 8;
const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

after(stopAllDaemons);

interface WorkerStatus {
  readonly slot: number;
  readonly pid: number;
  readonly state: string;
  readonly connections: number;
}

async function workers(daemon: Daemon): Promise<WorkerStatus[]> {
  return (await daemon.status<{ workers: WorkerStatus[] }>()).workers;
}

async function readyWorkers(daemon: Daemon): Promise<WorkerStatus[]> {
  return (await workers(daemon)).filter(({ state }) => state === "ready");
}

function untilReady(daemon: Daemon, count: number): Promise<unknown> {
  const what = `${count} ready workers`;
  const isReady = async () => (await readyWorkers(daemon)).length === count;
  return waitUntil(isReady, { what, timeoutMs: 60_000 });
}

describe("a worker killed with SIGKILL", { concurrency: 2 }, () => {
  test("between requests fails none: new connections go on", async (t) => {
    const args = ["--scheduling", "balanced", "--workers", "2"];
    const daemon = await startDaemon({ app: APP, args });
    const client = startStrictLoad(daemon, { keepAlive: false });
    t.after(() => client.stop());
    for (let kill = 0; kill < KILLS; kill++) {
      // The load goes on for the whole time, the kills are spread over it.
      await delay((LOAD_SECONDS * 1000) / KILLS);
      await client.pause();
      const ready = await readyWorkers(daemon);
      const victim = ready[kill % ready.length];
      assert.ok(victim);
      process.kill(victim.pid, "SIGKILL");
      client.resume();
    }
    const crashes = () => {
      const reason = { reason: "crash" };
      return daemon.metricSum("server_worker_restarts_total", reason);
    };
    const allSeen = async () => (await crashes()) === KILLS;
    await waitUntil(allSeen, { what: `${KILLS} crashes to be counted` });
    await untilReady(daemon, 2);
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    assert.equal(report.failureCount, 0);
    assert.ok(report.answered > 500, `${report.answered} answered`);
    t.diagnostic(`${report.answered} answered, 0 failed, ${KILLS} kills`);
    await daemon.stop();
  });

  for (const scheduling of ["balanced", "shared"]) {
    test(`together with all others refuses nobody, ${scheduling}`, async () => {
      const args = ["--scheduling", scheduling, "--workers", "2"];
      const daemon = await startDaemon({ app: APP, args });
      for (let round = 0; round < 3; round++) {
        await untilReady(daemon, 2);
        for (const { pid } of await readyWorkers(daemon)) {
          process.kill(pid, "SIGKILL");
        }
        const clients = Array.from({ length: 20 }, () => {
          return exchange(daemon.address, GET, {
            untilClosed: true,
            timeoutMs: 60_000,
          });
        });
        for (const { responses } of await Promise.all(clients)) {
          assert.equal(responses[0]?.status, 200);
        }
      }
      await daemon.stop();
    });
  }

  test("before it took a connection: another one answers it", async () => {
    const daemon = await startDaemon({ app: APP, args: ["--workers", "2"] });
    const [stopped] = await readyWorkers(daemon);
    assert.ok(stopped);
    process.kill(stopped.pid, "SIGSTOP");
    const clients = Array.from({ length: 8 }, () => {
      return exchange(daemon.address, GET, {
        untilClosed: true,
        timeoutMs: 60_000,
      });
    });
    await waitUntil(
      async () => {
        const name = "server_connections_accepted_total";
        return (await daemon.metricSum(name)) === 8;
      },
      { what: "the master to have accepted all" },
    );
    process.kill(stopped.pid, "SIGKILL");
    for (const { responses } of await Promise.all(clients)) {
      assert.equal(responses[0]?.status, 200);
    }
    const redispatched = await daemon.metricSum(
      "server_connections_redispatched_total",
    );
    assert.ok(redispatched > 0, "some had been given to the stopped worker");
    await daemon.stop();
  });

  test("that is stuck is found, killed and replaced", async () => {
    const args = ["--workers", "2", "--heartbeat-timeout-ms", "2000"];
    const daemon = await startDaemon({ app: APP, args });
    const [victim] = await readyWorkers(daemon);
    assert.ok(victim);
    process.kill(victim.pid, "SIGSTOP");
    await waitUntil(
      async () => {
        const ready = await readyWorkers(daemon);
        const isReplaced = ready.every(({ pid }) => pid !== victim.pid);
        return isReplaced && ready.length === 2;
      },
      { what: "the stuck worker to be replaced", timeoutMs: 60_000 },
    );
    const stuck = await daemon.metricSum("server_worker_restarts_total", {
      reason: "stuck",
    });
    assert.equal(stuck, 1);
    await daemon.stop();
  });

  test("counters do not fall when it dies", async () => {
    const daemon = await startDaemon({ app: APP, args: ["--workers", "2"] });
    const name = "http_server_request_duration_seconds_count";
    const requests = 40;
    for (let sent = 0; sent < requests; sent++) {
      const asked = { untilClosed: true } as const;
      await exchange(daemon.address, GET, asked);
    }
    const counted = async () => (await daemon.metricSum(name)) === requests;
    await waitUntil(counted, { what: `${requests} requests to be counted` });
    for (const { pid } of await readyWorkers(daemon)) {
      process.kill(pid, "SIGKILL");
    }
    await untilReady(daemon, 2);
    assert.equal(await daemon.metricSum(name), requests);
    await daemon.stop();
  });
});
