/** What clients and balancers are told on the data port. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { after, describe, type TestContext, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import { connect } from "../support/server-address.ts";
import { signalIfAlive } from "../support/signal-if-alive.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/load-app.js";
const PATH = "/-/ready";
const LONG_DELAY = ["--drain-pre-stop-delay-ms", "60000"];
const READINESS = ["--readiness-path", PATH];

after(stopAllDaemons);

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

async function ask(daemon: Daemon, path = "/") {
  const { responses } = await exchange(daemon.address, get(path), {
    responses: 1,
  });
  const [response] = responses;
  assert.ok(response);
  const { status, closes, body } = response;
  return { status, closes, text: body.toString().trim() };
}

/** A connection on which a request has been answered. */
async function keptAlive(t: TestContext, daemon: Daemon): Promise<Socket> {
  const client = connect(daemon.address);
  t.after(() => client.destroy());
  await askOn(client);
  return client;
}

async function askOn(client: Socket, path = "/"): Promise<string> {
  client.write(get(path));
  const [bytes] = await once(client, "data");
  return String(bytes);
}

describe("the server tells on its data port", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`from TERM on that each answer is the last, ${scheduling}`, async (t) => {
      const args = ["--scheduling", scheduling, ...LONG_DELAY];
      const daemon = await startDaemon({
        app: APP,
        args: ["--workers", "2", ...args, ...READINESS],
      });
      const idle = await keptAlive(t, daemon);
      const busy = await keptAlive(t, daemon);
      assert.equal((await ask(daemon)).closes, false);
      assert.deepEqual(await ask(daemon, PATH), {
        ...{ status: 200, closes: false, text: "ready" },
      });
      daemon.signal("SIGTERM");
      await daemon.waitForLog("stopping");
      const saysClose = async () => (await ask(daemon)).closes;
      await waitUntil(saysClose, { what: "an answer that says close" });
      const after = await Promise.all(
        Array.from({ length: 8 }, () => ask(daemon)),
      );
      assert.ok(after.every(({ status }) => status === 200));
      assert.ok(
        after.every(({ closes }) => closes),
        "whichever the worker",
      );
      assert.deepEqual(await ask(daemon, PATH), {
        ...{ status: 503, closes: true, text: "stopping" },
      });
      assert.match(await askOn(busy), /^HTTP\/1\.1 200.*Connection: close/s);
      await once(busy, "end");

      // Also by a worker that was not there when it was said.
      for (const pid of daemon.workerPids()) signalIfAlive(pid, "SIGKILL");
      await once(idle, "close");
      const isReady = async () => {
        const { readiness, workers } = await daemon.status<{
          readiness: string;
          workers: { state: string }[];
        }>();
        assert.equal(readiness, "stopping");
        return workers.filter(({ state }) => state === "ready").length === 2;
      };
      await waitUntil(isReady, { what: "new workers", timeoutMs: 60_000 });
      assert.equal((await ask(daemon)).closes, true);
      daemon.signal("SIGTERM"); // a second one skips the delay
      assert.equal((await daemon.exited).code, 0);
    });
  }

  test("that it is idle connections which may stay until the drain", async (t) => {
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "1", ...LONG_DELAY],
    });
    const idle = await keptAlive(t, daemon);
    daemon.signal("SIGTERM");
    await waitUntil(async () => (await ask(daemon)).closes, { what: "close" });
    assert.equal(idle.readableEnded, false);
    daemon.signal("SIGTERM");
    await waitUntil(
      () =>
        exchange(daemon.address, get("/"), { responses: 1 }).then(
          () => false,
          () => true,
        ),
      { what: "the listener to close" },
    );
    assert.match(await askOn(idle), /Connection: close/, "it lingers");
    assert.equal((await daemon.exited).code, 0);
  });

  test("that it is ready while a worker of before drains", async (t) => {
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "1", ...READINESS],
    });
    const old = await keptAlive(t, daemon);
    daemon.signal("SIGHUP");
    await daemon.waitForLog("reloaded");
    assert.match(await askOn(old, PATH), /^HTTP\/1\.1 200.*close.*ready/s);
  });

  test("that it is ready while the master of before leaves", async (t) => {
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "1", ...READINESS],
    });
    const old = await keptAlive(t, daemon);
    daemon.signal("SIGUSR2");
    await daemon.waitForLog("upgraded");
    const isFollowed = async () => {
      return (await daemon.status<{ pid: number }>()).pid !== daemon.pid;
    };
    await waitUntil(isFollowed, { what: "the new master to answer" });
    assert.match(await askOn(old, PATH), /^HTTP\/1\.1 200.*close.*ready/s);
    await daemon.exited;
  });

  test("that it is not ready where the master is gone", async (t) => {
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "1", ...READINESS],
    });
    const client = await keptAlive(t, daemon);
    daemon.signal("SIGKILL");
    await daemon.waitForLog("the master is gone; finishing what is open");
    const answer = await askOn(client, PATH);
    assert.match(answer, /^HTTP\/1\.1 503.*the master is gone\n$/s);
  });

  test("that too few workers are ready", async () => {
    const daemon = await startDaemon({
      app: APP,
      args: ["--workers", "2", "--min-ready", "2", ...READINESS],
    });
    const [pid] = daemon.workerPids();
    assert.ok(pid);
    signalIfAlive(pid, "SIGSTOP");
    signalIfAlive(pid, "SIGKILL");
    const said = new Set<string>();
    const saysWhy = async () => {
      const { status, text } = await ask(daemon, PATH);
      said.add(`${status} ${text}`);
      return said.has("503 1 of 2 workers are ready");
    };
    await waitUntil(saysWhy, { what: "the readiness to fall" });
    await waitUntil(async () => (await ask(daemon, PATH)).status === 200, {
      what: "the readiness to return",
    });
  });
});
