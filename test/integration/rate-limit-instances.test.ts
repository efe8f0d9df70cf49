/**
 * One limit over several instances, each a master with workers of its own, that
 * share a Redis server. They need redis-server (Debian's package of that name);
 * without one they are skipped, but for CI, where they fail.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { type HttpAnswer, httpGet } from "../support/http-get.ts";
import { limitedApp } from "../support/limited-app.ts";
import { projectFolder } from "../support/project-folder.ts";
import { RedisServer, redisSkipReason } from "../support/redis-server.ts";
import { reload } from "../support/reload.ts";
import { waitUntil } from "../support/wait-until.ts";

const MAX = 800;
const AT_A_TIME = 8;
/** Between two requests of a client, while instances come and go. */
const PACE_MS = 20;
const TIMEOUT_MS = 60_000;

after(stopAllDaemons);

/** Instances of one app with one Redis server. */
async function startFleet(t: TestContext, options: string) {
  const redis = await RedisServer.start();
  t.after(() => redis.remove());
  const cwd = projectFolder(t);
  writeFileSync(path.join(cwd, "app.mjs"), limitedApp(MAX, options));
  const startOne = () =>
    startDaemon({
      cwd,
      app: "app.mjs",
      args: ["--workers", "2", "--drain-linger-ms", "500"],
      env: { REMUDA_RATE_LIMIT_REDIS_URL: redis.url },
    });
  return { redis, startOne };
}

/** What a client has seen of a limit, with whatever instance it spoke. */
class Hammer {
  /** A client may be told to go elsewhere meanwhile. */
  readonly targets: Daemon[];
  passed = 0;
  refused = 0;
  /** Without an answer: nobody knows whether they were counted. */
  lost = 0;
  #isPaced = true;
  #isStopped = false;
  readonly #clients: Promise<void>[];

  constructor(targets: readonly Daemon[]) {
    this.targets = [...targets];
    this.#clients = Array.from({ length: AT_A_TIME }, (_, index) => {
      return this.#ask(index);
    });
  }

  hurry(): void {
    this.#isPaced = false;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#clients);
  }

  async #ask(first: number): Promise<void> {
    for (let turn = first; !this.#isStopped; turn++) {
      const target = this.targets[turn % this.targets.length] as Daemon;
      await httpGet(target.port, "/", TIMEOUT_MS).then(
        ({ status }) => this.#note(status),
        () => this.lost++,
      );
      if (this.#isPaced) await delay(PACE_MS);
    }
  }

  #note(status: number): void {
    if (status === 200) this.passed++;
    else if (status === 429) this.refused++;
    else assert.fail(`answered ${status}`);
  }
}

async function upgrade(daemon: Daemon): Promise<void> {
  const since = daemon.logs.length;
  daemon.signal("SIGUSR2");
  await daemon.waitForLog("upgraded", { since, timeoutMs: 60_000 });
}

function ask(daemons: readonly Daemon[], times: number): Promise<HttpAnswer[]> {
  const targets = Array.from({ length: times }, () => daemons).flat();
  return Promise.all(targets.map(({ port }) => httpGet(port, "/", TIMEOUT_MS)));
}

const IF_THERE = { skip: redisSkipReason };

describe("one limit over two instances with two workers each", IF_THERE, () => {
  test("holds while one is rolled, upgraded, killed and started anew", async (t) => {
    const { startOne } = await startFleet(t, `storeTimeoutMs: ${TIMEOUT_MS}`);
    const staying = await startOne();
    const changing = await startOne();
    const hammer = new Hammer([staying, changing]);
    const tell = (what: string) => {
      t.diagnostic(`${hammer.passed} let through until it was ${what}`);
    };
    await reload(changing, "reloaded");
    tell("rolled");
    await upgrade(changing);
    tell("upgraded");
    const lostBefore = hammer.lost;
    changing.kill();
    hammer.targets.splice(1, 1);
    const successor = await startOne();
    hammer.targets.push(successor);
    tell("killed and started anew");
    hammer.hurry();
    const what = "the limit to be reached on both";
    await waitUntil(() => hammer.refused > 100, { what, timeoutMs: 60_000 });
    await hammer.stop();
    const { passed, lost } = hammer;
    t.diagnostic(`${passed} let through, ${lost} lost by the kill`);
    assert.equal(lostBefore, 0);
    assert.ok(passed <= MAX, `${passed} were let through`);
    // What was counted for a request that was killed counts.
    assert.ok(passed + lost >= MAX, `only ${passed} were let through`);
    assert.ok(lost <= AT_A_TIME);
    const late = await ask([staying, successor], 10);
    assert.deepEqual(new Set(late.map(({ status }) => status)), new Set([429]));
  });

  test("is not held while Redis is away, and is one again when it is back", async (t) => {
    const { redis, startOne } = await startFleet(t, "");
    const daemons = await Promise.all([startOne(), startOne()]);
    await ask(daemons, 5);
    await redis.kill();
    const without = await ask(daemons, 50);
    assert.ok(without.every(({ status }) => status === 200));
    // It begins with no counts.
    await redis.start();
    const areCounting = async () => {
      const answers = await ask(daemons, 10);
      return answers.every(({ headers }) => headers.ratelimit !== undefined);
    };
    await waitUntil(areCounting, { what: "all to count", timeoutMs: 60_000 });
    const [probe] = await ask(daemons.slice(0, 1), 1);
    const left = /r=(\d+)/.exec(String(probe?.headers.ratelimit))?.[1];
    const answers: HttpAnswer[] = [];
    while (answers.length < MAX) answers.push(...(await ask(daemons, 50)));
    const passed = answers.filter(({ status }) => status === 200);
    assert.equal(passed.length, Number(left));
  });
});
