import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { type HttpAnswer, httpGet } from "../support/http-get.ts";
import { projectFolder } from "../support/project-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

after(stopAllDaemons);

const MAX = 50;

/** Windows are so long, and time-outs too, that none ends in a test. */
const appWith = (options: string) => `
  import { createApp, ok, rateLimit } from "remuda";
  const app = createApp();
  app.use(async (request, next) => {
    return (await next(request)).with("X-Worker", String(process.pid));
  });
  app.use(rateLimit({ max: ${MAX}, windowMs: 3_600_000, ${options} }));
  app.get("/", () => ok());
  export default app;
`;

async function start(
  t: TestContext,
  { scheduling = "balanced", options = "storeTimeoutMs: 20_000" },
): Promise<Daemon> {
  const folder = projectFolder(t);
  writeFileSync(path.join(folder, "app.mjs"), appWith(options));
  return startDaemon({
    cwd: folder,
    app: "app.mjs",
    args: ["--workers", "2", "--scheduling", scheduling],
  });
}

/** Asks so often, each time on a connection of its own. */
function ask(
  { port }: Daemon,
  times: number,
  target = "/",
): Promise<HttpAnswer[]> {
  const asked = Array.from({ length: times }, () => {
    return httpGet(port, target, 20_000);
  });
  return Promise.all(asked);
}

function countOf(answers: readonly HttpAnswer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

describe("a rate limit of an instance", () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`lets exactly max requests through, ${scheduling}`, async (t) => {
      const daemon = await start(t, { scheduling });
      const answers = await ask(daemon, 3 * MAX);
      assert.equal(countOf(answers, 200), MAX);
      assert.equal(countOf(answers, 429), 2 * MAX);
      const workers = answers.map(({ headers }) => headers["x-worker"]);
      if (scheduling === "balanced") assert.equal(new Set(workers).size, 2);
      const labels = { policy: "default" };
      await waitUntil(
        async () =>
          (await daemon.metricSum("server_rate_limited_total", labels)) ===
          2 * MAX,
        { what: "the metrics to count what was refused" },
      );
    });
  }

  test("goes on through a reload", async (t) => {
    const daemon = await start(t, {});
    const before = await ask(daemon, MAX / 2);
    assert.equal(countOf(before, 200), MAX / 2);
    daemon.signal("SIGHUP");
    const meanwhile = ask(daemon, MAX / 5);
    await daemon.waitForLog("reloaded");
    assert.equal(countOf(await meanwhile, 200), MAX / 5);
    const answers = await ask(daemon, 2 * MAX);
    assert.equal(countOf(answers, 200), MAX - MAX / 2 - MAX / 5);
  });

  test("holds nobody up when the master does not answer", async (t) => {
    const options =
      'storeTimeoutMs: 200, key: ({ query }) => query.get("key") ?? "all"';
    const daemon = await start(t, { scheduling: "shared", options });
    assert.equal(countOf(await ask(daemon, MAX), 200), MAX);
    daemon.signal("SIGSTOP");
    t.after(() => daemon.signal("SIGCONT"));
    const answers = await ask(daemon, 2 * MAX, "/?key=new");
    assert.equal(countOf(answers, 200), 2 * MAX);
    const line = await daemon.waitForLog("rate limits cannot be counted");
    assert.equal(line.store, "master");
    daemon.signal("SIGCONT");
    await waitUntil(async () => countOf(await ask(daemon, 4), 429) === 4, {
      what: "the master to count again",
      timeoutMs: 60_000,
    });
  });

  test("does not start on a Unix socket without a key", async (t) => {
    const folder = projectFolder(t);
    writeFileSync(path.join(folder, "app.mjs"), appWith(""));
    const socketPath = path.join(folder, "server.sock");
    const args = ["--workers", "1", "--socket-path", socketPath];
    await assert.rejects(
      startDaemon({ cwd: folder, app: "app.mjs", args }),
      /no addresses to count by on a Unix socket: give it key\(request\)/,
    );
  });
});

describe("a rate limit of each worker", () => {
  test("lets max requests through in each", async (t) => {
    const options = 'scope: "worker"';
    const daemon = await start(t, { options });
    const answers = await ask(daemon, 4 * MAX);
    assert.equal(countOf(answers, 200), 2 * MAX);
  });
});
