/**
 * The daemon under the real pm2, with the project's own ecosystem.config.js.
 * pm2 is under the AGPL and so no dependency: the tests install it, by npm, into
 * a temporary folder. Without a network they fail, so they run in CI and by
 * `npm run integration` only.
 */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { freePort } from "../support/free-port.ts";
import { httpGet } from "../support/http-get.ts";
import { Pm2 } from "../support/pm2.ts";
import { projectFolder } from "../support/project-folder.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { waitUntil } from "../support/wait-until.ts";

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");
const isWanted = Boolean(process.env.CI || process.env.INTEGRATION);
const skip = isWanted ? false : "npm run integration installs pm2 for them";
const ROLLS = 3;

interface Installed {
  readonly pm2: Pm2;
  readonly port: number;
  /** The ecosystem file. */
  readonly file: string;
}

/** The project's file, where only what is of this test is changed. */
async function ecosystem(cwd: string, port: number): Promise<string> {
  const given = pathToFileURL(path.join(root, "ecosystem.config.js")).href;
  const { apps } = await import(given);
  const app = {
    ...apps[0],
    cwd,
    script: path.join(root, "dist/cli.js"),
    args: "start app.mjs",
    env: {
      REMUDA_PORT: String(port),
      REMUDA_ADMIN_PORT: "0",
      REMUDA_WORKERS: "2",
      REMUDA_RUNTIME_DIR: path.join(cwd, "run"),
      REMUDA_DRAIN_LINGER_MS: "500",
    },
  };
  const file = path.join(cwd, "ecosystem.config.json");
  writeFileSync(file, JSON.stringify({ apps: [app] }));
  return file;
}

async function install(t: TestContext): Promise<Installed> {
  const folder = projectFolder(t);
  const app = path.join(root, "test/fixtures/load-app.js");
  writeFileSync(path.join(folder, "app.mjs"), readFileSync(app));
  // npm would remove from the project what it has not put there itself.
  const pm2Folder = path.join(folder, "pm2");
  mkdirSync(pm2Folder);
  const pm2 = await Pm2.install(pm2Folder);
  const port = await freePort();
  return { pm2, port, file: await ecosystem(folder, port) };
}

const load = (port: number) => startStrictLoad({ address: { port } });

async function logOf(pm2: Pm2): Promise<string> {
  const { pm2_env } = await pm2.process();
  return readFileSync(pm2_env.pm_out_log_path, "utf8");
}

function countIn(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** A project as a user has it, with the file that is there to be copied. */
async function projectOf(t: TestContext, type: "commonjs" | "module") {
  const folder = projectFolder(t);
  const name = "ecosystem.config.cjs";
  copyFileSync(path.join(root, "deploy", name), path.join(folder, name));
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type }));
  const load = 'async () => (await import("remuda")).ok({ hello: 1 })';
  const app = `(app) => { app.get("/", ${load}); }`;
  const exported = type === "module" ? "export default" : "module.exports =";
  writeFileSync(path.join(folder, "app.js"), `${exported} ${app};\n`);
  const tools = path.join(folder, "pm2");
  mkdirSync(tools);
  const file = path.join(folder, name);
  return { folder, file, pm2: await Pm2.install(tools) };
}

describe("the file for pm2", { skip, concurrency: false }, () => {
  for (const type of ["commonjs", "module"] as const) {
    test(`works where it is copied into a ${type} project`, async (t) => {
      const { folder, file, pm2 } = await projectOf(t, type);
      const port = await freePort();
      try {
        await pm2.run(["start", file], {
          REMUDA_PORT: String(port),
          REMUDA_ADMIN_PORT: "0",
          REMUDA_WORKERS: "1",
          REMUDA_RUNTIME_DIR: path.join(folder, "run"),
        });
        const { pm2_env } = await pm2.process();
        assert.equal(pm2_env.status, "online");
        assert.equal((await httpGet(port, "/")).body, '{"hello":1}');
      } finally {
        await pm2.kill();
      }
    });
  }
});

describe("under pm2", { skip, concurrency: false }, () => {
  test("it starts, rolls, restarts and stops", async (t) => {
    const { pm2, port, file } = await install(t);
    t.diagnostic(`pm2 ${pm2.version}`);
    try {
      await pm2.run(["start", file]);
      await tryAll(t, pm2, port);
    } finally {
      // Before the folder is removed, which has the pid of its daemon.
      await pm2.kill();
    }
  });
});

async function tryAll(t: TestContext, pm2: Pm2, port: number): Promise<void> {
  await t.test("pm2 start ends when all workers are ready", async () => {
    const { pm2_env } = await pm2.process();
    assert.equal(pm2_env.status, "online");
    assert.equal((await httpGet(port, "/")).status, 200);
    assert.equal(countIn(await logOf(pm2), '"msg":"ready"'), 1);
  });

  await t.test("pm2 sendSignal SIGHUP rolls, and loses nothing", async (t) => {
    const client = load(port);
    const { pid } = await pm2.process();
    for (let roll = 1; roll <= ROLLS; roll++) {
      await pm2.run(["sendSignal", "SIGHUP", "remuda"]);
      const isDone = async () =>
        countIn(await logOf(pm2), '"msg":"reloaded"') === roll;
      await waitUntil(isDone, { what: "the roll", timeoutMs: 60_000 });
    }
    const report = await client.stop();
    t.diagnostic(`${report.answered} answered, ${report.failureCount} failed`);
    assert.deepEqual(report.failures, []);
    const after = await pm2.process();
    assert.equal(after.pid, pid, "the master is the same");
    assert.equal(after.pm2_env.restart_time, 0);
  });

  await t.test(
    "pm2 reload stops, then starts: it is down between",
    async (t) => {
      const client = load(port);
      await delay(500);
      const before = await pm2.process();
      const startedAt = performance.now();
      await pm2.run(["reload", "remuda"]);
      const seconds = (performance.now() - startedAt) / 1_000;
      const report = await client.stop();
      const after = await pm2.process();
      assert.notEqual(after.pid, before.pid);
      assert.equal(after.pm2_env.status, "online");
      const failures = JSON.stringify(report.failureCounts);
      // What had begun was finished; only new connections were refused.
      assert.deepEqual(Object.keys(report.failureCounts), ["connect"]);
      const { answered } = report;
      t.diagnostic(
        `${seconds.toFixed(1)} s, ${answered} answered, ${failures}`,
      );
    },
  );

  await t.test("pm2 stop is graceful", async () => {
    const slow = httpGet(port, "/slow/2000");
    await delay(300);
    await pm2.run(["stop", "remuda"]);
    const answer = await slow;
    assert.deepEqual([answer.status, answer.body], [200, "slow"]);
    const log = await logOf(pm2);
    assert.match(log, /"exitCode":0,"msg":"stopped"/);
    assert.equal((await pm2.process()).pm2_env.status, "stopped");
  });
}
