import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { answerOf } from "../support/answer-of.ts";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { reload } from "../support/reload.ts";
import { startStrictClient } from "../support/strict-client.ts";

const remuda = pathToFileURL(path.resolve("dist/index.js")).href;

interface Status {
  readonly generation: number;
  readonly lastReload: { result: string; error?: string } | null;
  readonly workers: { state: string; generation: number; pid: number }[];
}

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "remuda-deploy-"));
});
after(async () => {
  await stopAllDaemons();
  await rm(folder, { recursive: true });
});

function working(answer: string): string {
  return `import { createApp, text } from ${JSON.stringify(remuda)};
const app = createApp();
app.get("/", () => text(${JSON.stringify(answer)}));
export default app;
`;
}

const NEVER_READY = "never becomes ready";

/** Ways in which a deploy goes wrong, and what the status then says. */
const BAD_DEPLOYS = [
  {
    what: "throws at start",
    source: 'throw new Error("no database today");\n',
    says: /no database today/,
  },
  {
    what: "has a syntax error",
    source: "export default = 1;\n",
    says: /failed to load/,
  },
  {
    what: "throws nothing at all in onStart()",
    source: `${working("new")}app.onStart(() => { throw undefined; });\n`,
    says: /app-\d\.mjs failed in onStart\(\): undefined/,
  },
  {
    what: "exports no app",
    source: "export const app = 1;\n",
    says: /must listen by itself, or export an App/,
  },
  {
    what: "ends its process at start",
    source: "process.exit(7);\n",
    says: /ended with code 7 before it was ready/,
  },
  {
    what: NEVER_READY,
    source: "await new Promise((resolve) => setTimeout(resolve, 60_000));\n",
    says: /not ready within startTimeoutMs/,
  },
] as const;

/** Shorter where it is waited for; a good app must get ready in it, too. */
function startTimeout(what: string): string[] {
  return what === NEVER_READY ? ["--start-timeout-ms", "12000"] : [];
}

describe("a reload onto a bad deploy", { concurrency: 2 }, () => {
  for (const [index, { what, source, says }] of BAD_DEPLOYS.entries()) {
    test(`that ${what} keeps the old workers and says why`, async (t) => {
      const app = path.join(folder, `app-${index}.mjs`);
      await writeFile(app, working("old"));
      const daemon = await startDaemon({
        app,
        args: ["--workers", "2", ...startTimeout(what)],
      });
      const client = startStrictClient({
        ...daemon.address,
        connections: 8,
        keepAlive: true,
        pauseMs: { min: 0, max: 20 },
        requestTimeoutMs: 10_000,
        mix: [{ method: "GET", path: "/" }],
      });
      t.after(() => client.stop());
      const { workers: before } = await daemon.status<Status>();

      await writeFile(app, source);
      await reload(daemon, "reload failed; the old workers go on");

      const status = await daemon.status<Status>();
      assert.equal(status.generation, 1);
      assert.equal(status.lastReload?.result, "failure");
      assert.match(status.lastReload?.error ?? "", says);
      const pids = (of: Status["workers"]) => of.map(({ pid }) => pid);
      const ready = status.workers.filter(({ state }) => state === "ready");
      assert.deepEqual(pids(ready), pids(before));
      const failures = { result: "failure" };
      assert.equal(await daemon.metricSum("server_reloads_total", failures), 1);
      assert.equal((await daemon.get("/readyz")).status, 200);
      assert.equal(await answerOf(daemon), "old");

      await writeFile(app, working("mended"));
      await reload(daemon, "reloaded");
      assert.equal(await answerOf(daemon), "mended");
      const mended = await daemon.status<Status>();
      assert.equal(mended.lastReload?.result, "success");

      const report = await client.stop();
      assert.deepEqual(report.failures, []);
      await daemon.stop();
    });
  }

  test("that ends its process soon after it is ready is found on trial", async () => {
    const app = path.join(folder, "app-soon.mjs");
    await writeFile(app, working("old"));
    const daemon = await startDaemon({
      app,
      args: ["--workers", "1"],
      env: { REMUDA_ROLL_CANARY_PAUSE_MS: undefined },
    });
    const ends =
      "app.onStart(() => { setTimeout(() => process.exit(9), 300); });";
    await writeFile(app, `${working("new")}${ends}\n`);
    await reload(daemon, "reload failed; the old workers go on");
    const { lastReload } = await daemon.status<Status>();
    assert.match(lastReload?.error ?? "", /died with code 9/);
    assert.equal(await answerOf(daemon), "old");
    await daemon.stop();
  });

  test("whose settings are invalid is refused before any worker", async () => {
    const app = path.join(folder, "app-settings.mjs");
    const config = path.join(folder, "settings.json");
    await writeFile(app, working("old"));
    await writeFile(config, JSON.stringify({ workers: 1 }));
    const daemon = await startDaemon({ app, args: ["--config", config] });

    await writeFile(config, JSON.stringify({ workers: "many", prot: 1 }));
    const since = daemon.logs.length;
    daemon.signal("SIGHUP");
    const line = await daemon.waitForLog(
      ({ msg }) => String(msg).startsWith("reload refused"),
      { since },
    );
    assert.match(String(line.msg), /workers is "many"/);
    assert.match(String(line.msg), /did you mean port/);
    const gauge = "server_config_last_reload_successful";
    assert.equal(await daemon.metricSum(gauge), 0);
    const { generation, lastReload } = await daemon.status<Status>();
    assert.equal(generation, 1);
    assert.equal(lastReload?.result, "refused");

    await writeFile(config, JSON.stringify({ workers: 2 }));
    await reload(daemon, "reloaded");
    assert.equal(await daemon.metricSum(gauge), 1);
    const { workers } = await daemon.status<Status>();
    assert.equal(workers.filter(({ state }) => state === "ready").length, 2);
    await daemon.stop();
  });
});
