/**
 * An app may speak to a parent, and to none that is there. What it says is not
 * the master's; what it does to the channel costs its worker at the most.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import { projectFolder } from "../support/project-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

after(stopAllDaemons);

/** Says what it is asked to; keeps what it hears. */
const APP = `
  import { writeSync } from "node:fs";
  import net from "node:net";
  import { createApp, ok } from "remuda";
  const heard = [];
  process.on("message", (message) => heard.push(message));
  const app = createApp();
  app.get("/pid", () => ok({ pid: process.pid }));
  app.get("/heard", () => ok({ heard }));
  app.post("/send", async (request) => {
    const message = await request.json();
    return new Promise((resolve) => {
      const isSent = process.send(message, (error) => {
        resolve(ok({ isSent, error: error?.message ?? null }));
      });
    });
  });
  app.post("/send-past", async (request) => {
    process._send(await request.json());
    return ok({});
  });
  app.post("/write", async (request) => {
    writeSync(3, await request.text());
    return ok({});
  });
  app.post("/send-socket", async () => {
    const server = net.createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const socket = net.connect(server.address().port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    process.send("take it", socket);
    await new Promise((resolve) => socket.once("close", resolve));
    server.close();
    return ok({});
  });
  export default app;
`;

const HARMLESS: readonly unknown[] = [
  ...[null, "ready", 7, [], {}, { type: "hello" }, { type: "heartbeat" }],
  ...[
    { type: "count", id: 1 },
    { type: "count", id: 1, entries: [null] },
  ],
  ...[{ type: "leaving" }, { type: "ready" }, { type: "failed" }],
  ...[
    { type: "arrived", id: 1 },
    { type: "accepted", id: {} },
  ],
  ...[{ cmd: "NODE_HANDLE_ACK" }, { cmd: "NODE_HANDLE_NACK" }],
  { cmd: "NODE_REMUDA", message: { type: "ready" } },
  { type: "x".repeat(1_000_000) },
];

/** Past what keeps an app's messages in its process. */
const HARMFUL: readonly unknown[] = [
  { cmd: "NODE_REMUDA", message: { type: "heartbeat", report: null } },
  { cmd: "NODE_HANDLE_ACK" },
];

interface Status {
  readonly pid: number;
  readonly workers: readonly { readonly pid: number }[];
}

test("an app that speaks to its parent", async (t) => {
  const folder = projectFolder(t);
  writeFileSync(path.join(folder, "app.mjs"), APP);
  const daemon = await startDaemon({
    cwd: folder,
    app: "app.mjs",
    args: ["--workers", "1"],
  });
  const post = async (target: string, body: string) => {
    const url = `http://127.0.0.1:${daemon.port}${target}`;
    const response = await fetch(url, { method: "POST", body });
    return (await response.json()) as Record<string, unknown>;
  };
  const workerPid = async () => {
    const { body } = await httpGet(daemon.port, "/pid");
    return Number(JSON.parse(body).pid);
  };

  await t.test("is told that it has, and harms nobody", async () => {
    const pid = await workerPid();
    for (const message of HARMLESS) {
      const answer = await post("/send", JSON.stringify(message));
      assert.deepEqual(answer, { isSent: true, error: null });
    }
    assert.equal(await workerPid(), pid);
    assert.equal((await daemon.status<Status>()).pid, daemon.pid);
  });

  await t.test(
    "hears nothing of what the master and the worker say",
    async () => {
      const { body } = await httpGet(daemon.port, "/heard");
      assert.deepEqual(JSON.parse(body), { heard: [] });
    },
  );

  await t.test(
    "gives away a socket that it sends, and nobody keeps it",
    async () => {
      await post("/send-socket", "");
    },
  );

  await t.test(
    "loses its worker where it meddles with the channel",
    async () => {
      const broken = HARMFUL.map((each) => [
        "/send-past",
        JSON.stringify(each),
      ]);
      broken.push(["/write", "no JSON\n"]);
      for (const [target = "", body = ""] of broken) {
        const pid = await workerPid();
        const since = daemon.logs.length;
        await post(target, body).catch(() => {});
        const isKilled = { since, timeoutMs: 20_000 };
        const line = await daemon.waitForLog("killed worker", isKilled);
        assert.equal(line.reason, "bad_message", body);
        assert.equal(line.workerPid, pid);
        const isReplaced = async () => (await workerPid()) !== pid;
        const what = `a worker after ${body}`;
        await waitUntil(isReplaced, { what, timeoutMs: 30_000 });
      }
      assert.equal((await daemon.status<Status>()).pid, daemon.pid);
      const isCounted = { reason: "bad_message" };
      assert.equal(
        await daemon.metricSum("server_worker_restarts_total", isCounted),
        broken.length,
      );
    },
  );
});
