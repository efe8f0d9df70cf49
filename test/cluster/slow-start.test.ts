import assert from "node:assert/strict";
import type net from "node:net";
import path from "node:path";
import { after, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { heldConnections } from "../support/held-connections.ts";
import { connect } from "../support/server-address.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = path.resolve("test/fixtures/load-app.js");

after(stopAllDaemons);

interface Status {
  readonly workers: {
    readonly pid: number;
    readonly state: string;
    readonly isWarmingUp: boolean;
  }[];
}

async function pids(daemon: Daemon, wanted: { isWarmingUp: boolean }) {
  const { workers } = await daemon.status<Status>();
  return workers
    .filter(({ state }) => state === "ready")
    .filter(({ isWarmingUp }) => isWarmingUp === wanted.isWarmingUp)
    .map(({ pid }) => pid);
}

test("a worker that replaces a dead one gets fewer connections until it is warm", async (t) => {
  const daemon = await startDaemon({
    app: APP,
    args: ["--workers", "2", "--slow-start-ms", "6000"],
  });
  const warmUp = () =>
    waitUntil(
      async () => (await pids(daemon, { isWarmingUp: false })).length === 2,
      { what: "both to be warm" },
    );
  const clients: net.Socket[] = [];
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  const open = async (count: number, workers: readonly number[]) => {
    const held = () => workers.map((pid) => heldConnections(pid).size);
    const total = clients.length + count;
    while (clients.length < total) clients.push(connect(daemon.address));
    await waitUntil(() => held().reduce((sum, each) => sum + each) === total, {
      what: "all connections to be with a worker",
    });
    return held();
  };

  await warmUp();
  const [staying, leaving] = await pids(daemon, { isWarmingUp: false });
  assert.ok(staying && leaving);
  process.kill(leaving, "SIGKILL");
  await waitUntil(
    async () => (await pids(daemon, { isWarmingUp: true })).length === 1,
    { what: "its successor" },
  );
  const [fresh] = await pids(daemon, { isWarmingUp: true });
  assert.ok(fresh);

  const workers = [staying, fresh];
  const [toWarm = 0, toFresh = 0] = await open(40, workers);
  assert.ok(toFresh > 0, "the fresh one got none");
  assert.ok(toFresh * 2 < toWarm, `${toFresh} to the fresh one`);

  await warmUp();
  assert.deepEqual(await open(40, workers), [40, 40]);
});
