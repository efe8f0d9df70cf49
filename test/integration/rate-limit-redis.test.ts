/**
 * Rate limits across machines, with a Redis server that the tests start. They
 * need redis-server (Debian's package of that name); without one they are
 * skipped, but for CI, where they fail.
 */
import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { type HttpAnswer, httpGet } from "../support/http-get.ts";
import { limitedApp } from "../support/limited-app.ts";
import { projectFolder } from "../support/project-folder.ts";
import { RedisServer, redisSkipReason } from "../support/redis-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");
const MAX = 40;

after(stopAllDaemons);

interface Given {
  readonly options?: string;
  readonly redisUrl?: string;
}

async function start(t: TestContext, given: Given): Promise<Daemon> {
  const { options = "storeTimeoutMs: 20_000", redisUrl } = given;
  const folder = projectFolder(t);
  writeFileSync(path.join(folder, "app.mjs"), limitedApp(MAX, options));
  return startDaemon({
    cwd: folder,
    app: "app.mjs",
    args: ["--workers", "2"],
    env: { REMUDA_RATE_LIMIT_REDIS_URL: redisUrl },
  });
}

async function startRedis(t: TestContext): Promise<RedisServer> {
  const redis = await RedisServer.start();
  t.after(() => redis.remove());
  return redis;
}

function ask({ port }: Daemon, times: number): Promise<HttpAnswer[]> {
  const asked = Array.from({ length: times }, () => httpGet(port, "/", 20_000));
  return Promise.all(asked);
}

function countOf(answers: readonly HttpAnswer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

const uncounted = (daemon: Daemon) =>
  daemon.metricSum("server_rate_limit_store_errors_total", { store: "redis" });

describe("a rate limit in Redis", { skip: redisSkipReason }, () => {
  test("lets exactly max requests through, of two daemons", async (t) => {
    const { url } = await startRedis(t);
    const daemons = await Promise.all([
      start(t, { redisUrl: url }),
      start(t, { options: `storeTimeoutMs: 20_000, redisUrl: "${url}"` }),
    ]);
    const answers = await Promise.all(daemons.map((each) => ask(each, MAX)));
    assert.equal(countOf(answers.flat(), 200), MAX);
    assert.equal(countOf(answers.flat(), 429), MAX);
    const [one] = daemons;
    assert.equal(await uncounted(one as Daemon), 0);
  });

  for (const [whenStoreFails, status] of [
    ["allow", 200],
    ["refuse", 503],
  ] as const) {
    test(`answers ${status} while Redis is away: "${whenStoreFails}"`, async (t) => {
      const redis = await startRedis(t);
      const options = `whenStoreFails: "${whenStoreFails}"`;
      const daemon = await start(t, { options, redisUrl: redis.url });
      assert.equal(countOf(await ask(daemon, 5), 200), 5);

      await redis.kill();
      const startedAt = performance.now();
      for (let round = 0; round < 5; round++) {
        assert.equal(countOf(await ask(daemon, 20), status), 20);
      }
      const tookMs = performance.now() - startedAt;
      t.diagnostic(`100 requests without Redis: ${tookMs.toFixed(0)} ms`);
      await waitUntil(async () => (await uncounted(daemon)) === 100, {
        what: "the metrics to count what was not counted",
      });
      const warnings = daemon.logs.filter(({ msg }) => {
        return msg === "rate limits cannot be counted";
      });
      assert.ok(warnings.length >= 1 && warnings.length <= 2, "once a worker");
      assert.equal(warnings[0]?.store, "redis");

      await redis.start();
      await waitUntil(
        async () => {
          const [answer] = await ask(daemon, 1);
          return answer?.headers.ratelimit !== undefined;
        },
        { what: "Redis to count again", timeoutMs: 60_000 },
      );
      await daemon.waitForLog("rate limits are counted again");
    });
  }

  test("holds nobody up when Redis hangs", async (t) => {
    const redis = await startRedis(t);
    const options = "storeTimeoutMs: 200";
    const daemon = await start(t, { options, redisUrl: redis.url });
    assert.equal(countOf(await ask(daemon, 5), 200), 5);
    redis.signal("SIGSTOP");
    t.after(() => redis.signal("SIGCONT"));
    assert.equal(countOf(await ask(daemon, 2 * MAX), 200), 2 * MAX);
    redis.signal("SIGCONT");
    await waitUntil(async () => countOf(await ask(daemon, MAX), 429) === MAX, {
      what: "Redis to count again",
      timeoutMs: 60_000,
    });
  });

  test("lets a daemon start without Redis", async (t) => {
    const redis = await startRedis(t);
    await redis.kill();
    const daemon = await start(t, { options: "", redisUrl: redis.url });
    assert.equal(countOf(await ask(daemon, 2), 200), 2);
  });
});

describe("a rate limit without the package redis", () => {
  test("says how to install it, and does not start", async (t) => {
    const folder = projectFolder(t);
    // A copy of the package whose dependencies are all there but for redis.
    const copy = path.join(folder, "without-redis/node_modules");
    mkdirSync(copy, { recursive: true });
    for (const each of ["package.json", "dist"]) {
      const to = path.join(copy, "remuda", each);
      cpSync(path.join(root, each), to, { recursive: true });
    }
    const { dependencies } = JSON.parse(
      readFileSync(path.join(root, "package.json"), "utf8"),
    );
    for (const name of Object.keys(dependencies)) {
      mkdirSync(path.dirname(path.join(copy, name)), { recursive: true });
      symlinkSync(path.join(root, "node_modules", name), path.join(copy, name));
    }
    const cwd = path.dirname(copy);
    const app = limitedApp(MAX, 'redisUrl: "redis://127.0.0.1:1"');
    writeFileSync(path.join(cwd, "app.mjs"), app);
    const script = path.join(copy, "remuda/dist/cli.js");
    await assert.rejects(
      startDaemon({ cwd, app: "app.mjs", script }),
      /needs the package redis: npm install redis/,
    );
  });
});
