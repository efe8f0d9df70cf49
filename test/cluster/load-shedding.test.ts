import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { type HttpAnswer, httpGet } from "../support/http-get.ts";
import { projectFolder } from "../support/project-folder.ts";
import { connect } from "../support/server-address.ts";
import { waitUntil } from "../support/wait-until.ts";

after(stopAllDaemons);

const APP = `
  import { setTimeout as delay } from "node:timers/promises";
  import { createApp, ok } from "remuda";
  const app = createApp();
  let isBusy = false;
  const block = () => {
    const end = performance.now() + 150;
    while (performance.now() < end);
    if (isBusy) setImmediate(block);
  };
  app.get("/", () => ok());
  app.get("/healthz", () => ok());
  app.get("/slow", async () => {
    await delay(300);
    return ok();
  });
  app.get("/busy", () => {
    isBusy = true;
    setImmediate(block);
    return ok();
  });
  app.get("/calm", () => {
    isBusy = false;
    return ok();
  });
  export default app;
`;

function start(t: TestContext, args: readonly string[]): Promise<Daemon> {
  const folder = projectFolder(t);
  writeFileSync(path.join(folder, "app.mjs"), APP);
  return startDaemon({ cwd: folder, app: "app.mjs", args });
}

/** Asks so often at once, each time on a connection of its own. */
function ask({ port }: Daemon, target: string, times: number) {
  const asked = Array.from({ length: times }, () => {
    return httpGet(port, target, 20_000);
  });
  return Promise.all(asked);
}

function countOf(answers: readonly HttpAnswer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

function shed(daemon: Daemon, reason: string): Promise<number> {
  return daemon.metricSum("server_requests_shed_total", { reason });
}

describe("a daemon with too much to do", () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`refuses some requests, and counts them, ${scheduling}`, async (t) => {
      const daemon = await start(t, [
        ...["--workers", "2", "--scheduling", scheduling],
        ...["--max-concurrent-requests", "2", "--max-queued-requests", "2"],
        ...["--queue-timeout-ms", "20000"],
      ]);
      const slow = ask(daemon, "/slow", 40);
      const health = await ask(daemon, "/healthz", 4);
      assert.equal(countOf(health, 200), 4);
      const answers = await slow;
      const refused = countOf(answers, 503);
      assert.equal(countOf(answers, 200) + refused, 40);
      // In each worker 2 begin and 2 wait before the first are over.
      assert.ok(countOf(answers, 200) >= 4, `${refused} refused`);
      assert.ok(refused > 0);
      const [busy] = answers.filter(({ status }) => status === 503);
      assert.match(busy?.headers["retry-after"] ?? "", /^[1-4]$/);
      await waitUntil(
        async () => (await shed(daemon, "queue_full")) === refused,
        { what: "the metrics to count what was refused" },
      );
    });
  }

  test("tells clients that are too many so", async (t) => {
    const daemon = await start(t, ["--workers", "2", "--max-connections", "4"]);
    const clients: Socket[] = [];
    for (let client = 0; client < 8; client++) {
      const socket = connect(daemon.address);
      clients.push(socket);
      await once(socket, "connect");
    }
    t.after(() => clients.map((client) => client.destroy()));
    const open = () => daemon.metricSum("server_connections");
    await waitUntil(async () => (await open()) === 8, { what: "all of them" });
    const [answer] = await ask(daemon, "/", 1);
    assert.equal(answer?.status, 503);
    assert.equal(answer?.headers.connection, "close");
    assert.equal(countOf(await ask(daemon, "/healthz", 1), 200), 1);
    for (const client of clients) client.destroy();
    await waitUntil(async () => countOf(await ask(daemon, "/", 1), 200) === 1, {
      what: "room for another one",
    });
    await waitUntil(async () => (await shed(daemon, "connections")) >= 1, {
      what: "the metrics to count it",
    });
  });

  test("refuses while the event loop is late", async (t) => {
    const daemon = await start(t, [
      ...["--workers", "1", "--max-event-loop-delay-ms", "40"],
      ...["--shed-exempt-paths", "/busy,/calm"],
    ]);
    const isAnswered = (status: number) => async () =>
      countOf(await ask(daemon, "/", 1), status) === 1;
    await ask(daemon, "/busy", 1);
    await waitUntil(isAnswered(503), { what: "a refusal", timeoutMs: 60_000 });
    assert.equal(countOf(await ask(daemon, "/calm", 1), 200), 1);
    await waitUntil(isAnswered(200), { what: "an answer", timeoutMs: 60_000 });
    await waitUntil(async () => (await shed(daemon, "event_loop_delay")) >= 1, {
      what: "the metrics to count it",
    });
  });
});
