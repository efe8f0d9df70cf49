import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  mkdir,
  mkdtemp,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { answerOf } from "../support/answer-of.ts";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { reload } from "../support/reload.ts";
import { startStrictClient } from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";

const FAILED = "reload failed; the old workers go on";
const remuda = pathToFileURL(path.resolve("dist/index.js")).href;

interface Status {
  readonly generation: number;
  readonly app: string;
  readonly appPath: string;
  readonly roll: {
    readonly phase: string;
    readonly replaced: number;
    readonly of: number;
  } | null;
  readonly lastReload: {
    readonly result: string;
    readonly generation?: number;
    readonly error?: string;
  } | null;
  readonly workers: readonly {
    readonly slot: number;
    readonly state: string;
    readonly generation: number;
    readonly pid: number;
  }[];
}

let root: string;
before(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), "remuda-roll-")));
});
after(async () => {
  await stopAllDaemons();
  await rm(root, { recursive: true });
});

/** Releases of an app, each in a folder, and a link to the current one. */
class Releases {
  readonly folder = path.join(root, randomUUID());
  /** The link. */
  readonly current = path.join(this.folder, "current");
  readonly app = path.join(this.current, "app.mjs");

  /** @param more runs when the module is loaded */
  async deploy(name: string, more = ""): Promise<string> {
    const release = path.join(this.folder, name);
    await mkdir(release, { recursive: true });
    const file = path.join(release, "app.mjs");
    await writeFile(path.join(release, "name.mjs"), named(name));
    await writeFile(file, source(more));
    const link = path.join(this.folder, `link-${name}`);
    await symlink(release, link);
    await rename(link, this.current);
    return file;
  }
}

function named(name: string): string {
  return `export const name = ${JSON.stringify(name)};\n`;
}

/** An app that answers the name of its release. */
function source(more: string): string {
  return `import { createApp, text } from ${JSON.stringify(remuda)};
import { name } from "./name.mjs";
${more}
const app = createApp();
app.get("/", () => text(name));
export default app;
`;
}

/** Code that works the first time that it is loaded, and then does `rest`. */
function worksOnce(rest: string): string {
  const mark = JSON.stringify(path.join(root, randomUUID()));
  return `import { existsSync, writeFileSync } from "node:fs";
if (existsSync(${mark})) { ${rest} } else writeFileSync(${mark}, "");
`;
}

const QUICK = ["--drain-linger-ms", "2000", "--start-timeout-ms", "15000"];

function start(app: string, ...args: string[]): Promise<Daemon> {
  return startDaemon({ app, args: [...QUICK, ...args] });
}

/** Tells the test the folder of a process, in the file's own way. */
const PRINTS_FOLDER = "console.log(JSON.stringify({ in: process.cwd() }));";

function folderOfNewest({ logs }: Daemon): unknown {
  return logs.findLast((line) => "in" in line)?.in;
}

function load(t: TestContext, daemon: Daemon) {
  const client = startStrictClient({
    ...daemon.address,
    connections: 8,
    keepAlive: true,
    pauseMs: { min: 0, max: 20 },
    requestTimeoutMs: 10_000,
    mix: [{ method: "GET", path: "/" }],
  });
  t.after(() => client.stop());
  return client;
}

async function readyPids(daemon: Daemon): Promise<number[]> {
  const { workers } = await daemon.status<Status>();
  const ready = workers.filter(({ state }) => state === "ready");
  return ready.map(({ pid }) => pid).sort();
}

async function whenSettled(daemon: Daemon): Promise<Status> {
  let status: Status | undefined;
  const isSettled = async () => {
    status = await daemon.status<Status>();
    const areReady = status.workers.every(({ state }) => state === "ready");
    return areReady && status.roll === null;
  };
  const what = "a settled worker pool";
  await waitUntil(isSettled, { what, timeoutMs: 60_000 });
  assert.ok(status);
  return status;
}

describe("a canary", () => {
  test("that crashes 300 ms after it was ready costs nobody", async () => {
    const releases = new Releases();
    await releases.deploy("good");
    const args = ["--workers", "3", "--roll-canary-pause-ms", "60000"];
    const daemon = await start(releases.app, ...args);
    const pids = await readyPids(daemon);

    const exit = "setTimeout(() => process.exit(3), 300)";
    await releases.deploy(
      "bad",
      `queueMicrotask(() => app.onStart(() => { ${exit}; }));`,
    );
    const since = daemon.logs.length;
    await reload(daemon, FAILED);

    const forked = daemon.logs.slice(since).filter(({ msg, generation }) => {
      return msg === "worker ready" && generation === 2;
    });
    assert.equal(forked.length, 1, "one worker became ready, then crashed");
    const { generation, lastReload, roll } = await daemon.status<Status>();
    assert.equal(generation, 1);
    assert.equal(lastReload?.result, "failure");
    assert.match(lastReload?.error ?? "", /died with code 3/);
    assert.equal(roll, null);
    assert.deepEqual(await readyPids(daemon), pids);
    assert.equal(await answerOf(daemon), "good");
    await daemon.stop();
  });

  test("whose app finds something wrong goes, and no request fails", async (t) => {
    const releases = new Releases();
    await releases.deploy("good");
    const args = ["--workers", "2", "--roll-canary-pause-ms", "60000"];
    const daemon = await start(releases.app, ...args);
    const client = load(t, daemon);
    const pids = await readyPids(daemon);
    const probe = '() => { throw new Error("no route"); }';
    const check = `app.check("database", ${probe})`;
    await releases.deploy("bad", `queueMicrotask(() => ${check});`);
    await reload(daemon, FAILED);
    const { lastReload } = await daemon.status<Status>();
    assert.match(lastReload?.error ?? "", /check "database" failed/);
    await whenSettled(daemon);
    assert.deepEqual(await readyPids(daemon), pids);
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    await daemon.stop();
  });

  test("that stays healthy is followed by the others", async () => {
    const releases = new Releases();
    await releases.deploy("one");
    const args = ["--workers", "2", "--roll-canary-pause-ms", "1500"];
    const daemon = await start(releases.app, ...args);
    const pids = await readyPids(daemon);
    await releases.deploy("two");
    const since = daemon.logs.length;
    daemon.signal("SIGHUP");
    await daemon.waitForLog("worker ready", { since });
    const { roll } = await daemon.status<Status>();
    assert.equal(roll?.phase, "canary");
    assert.equal(roll?.replaced, 0);
    const during = await readyPids(daemon);
    assert.equal(during.length, 3);
    assert.ok(pids.every((pid) => during.includes(pid)));
    const healthy = "the first new worker is healthy; the others follow";
    await daemon.waitForLog(healthy, { since });
    await daemon.waitForLog("reloaded", { since });
    assert.equal(await answerOf(daemon), "two");
    await daemon.stop();
  });
});

describe("releases behind a link", () => {
  test("return to the one before where a later worker fails", async (t) => {
    const releases = new Releases();
    const file = await releases.deploy("one");
    const daemon = await start(releases.app, "--workers", "3");
    const client = load(t, daemon);
    await releases.deploy("two", worksOnce('throw new Error("no port left")'));
    await reload(daemon, "returned to the generation before");
    await whenSettled(daemon);

    const status = await daemon.status<Status>();
    assert.equal(status.lastReload?.result, "failure");
    assert.match(status.lastReload?.error ?? "", /no port left/);
    assert.equal(status.app, releases.app);
    assert.equal(status.appPath, file);
    assert.deepEqual(
      status.workers.map(({ generation }) => generation),
      [1, 1, 1],
    );
    for (let request = 0; request < 6; request++) {
      assert.equal(await answerOf(daemon), "one");
    }
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    await daemon.stop();
  });

  test("do not mix: a crashed worker gets the one of its generation", async () => {
    const releases = new Releases();
    await releases.deploy("one");
    const daemon = await start(releases.app, "--workers", "1");
    await releases.deploy("two");
    const [pid] = await readyPids(daemon);
    const since = daemon.logs.length;
    process.kill(pid ?? 0, "SIGKILL");
    await daemon.waitForLog("worker ready", { since });
    assert.equal(await answerOf(daemon), "one");
    await reload(daemon, "reloaded");
    assert.equal(await answerOf(daemon), "two");
    await daemon.stop();
  });
});

describe("a daemon that was started in the folder behind a link", () => {
  test("reads its files where the code of its generation is", async () => {
    const releases = new Releases();
    await releases.deploy("one", PRINTS_FOLDER);
    const daemon = await startDaemon({
      app: "app.mjs",
      args: [...QUICK, "--workers", "1"],
      cwd: releases.current,
      env: { PWD: releases.current },
    });
    const fileOf = (release: string) => path.join(releases.folder, release);
    const said = () => folderOfNewest(daemon);
    assert.equal(said(), fileOf("one"));

    await releases.deploy("two", PRINTS_FOLDER);
    const [pid] = await readyPids(daemon);
    const since = daemon.logs.length;
    process.kill(pid ?? 0, "SIGKILL");
    await daemon.waitForLog("worker ready", { since });
    assert.equal(said(), fileOf("one"), "with the code that it crashed with");
    await reload(daemon, "reloaded");
    assert.equal(said(), fileOf("two"));

    await rm(fileOf("one"), { recursive: true });
    await releases.deploy("three", PRINTS_FOLDER);
    await reload(daemon, "reloaded");
    assert.equal(said(), fileOf("three"), "though the first folder is gone");
    await daemon.stop();
  });
});

describe("code that is overwritten in place", () => {
  test("keeps what serves where the code before is gone", async (t) => {
    const app = path.join(root, `${randomUUID()}.mjs`);
    const text = source("").replace("./name.mjs", `./${randomUUID()}.mjs`);
    const name = /\.\/[\w-]+\.mjs/.exec(text)?.[0] ?? "";
    await writeFile(path.join(root, name), named("old"));
    await writeFile(app, text);
    const daemon = await start(app, "--workers", "2");
    const client = load(t, daemon);
    await writeFile(path.join(root, name), named("new"));
    const bad = worksOnce('throw new Error("overwritten")');
    await writeFile(app, bad + text);
    await reload(daemon, "returned to the generation before");

    const [kept] = daemon.logs.filter(({ msg }) => {
      return String(msg).includes("the worker stays");
    });
    assert.equal(kept?.worker, 1);
    const { workers, generation } = await whenSettled(daemon);
    assert.equal(generation, 1);
    const generations = workers.map((worker) => worker.generation).sort();
    assert.deepEqual(generations, [1, 2]);
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    await daemon.stop();
  });
});

describe("a roll", () => {
  test("with a surge of 2 replaces two at a time, and loses nothing", async (t) => {
    const releases = new Releases();
    await releases.deploy("one");
    const args = ["--workers", "5", "--roll-surge", "2"];
    const daemon = await start(releases.app, ...args);
    const client = load(t, daemon);
    // Long enough to be seen.
    await releases.deploy(
      "two",
      "await new Promise((r) => setTimeout(r, 500));",
    );
    const since = daemon.logs.length;
    daemon.signal("SIGHUP");
    let most = 0;
    await waitUntil(
      async () => {
        const { workers, roll } = await daemon.status<Status>();
        const starting = workers.filter(({ state }) => state === "starting");
        if (roll?.phase === "canary") assert.ok(starting.length <= 1);
        most = Math.max(most, starting.length);
        return daemon.logs.slice(since).some(({ msg }) => msg === "reloaded");
      },
      { what: "the roll to end", timeoutMs: 60_000 },
    );
    assert.equal(most, 2);
    const progress = daemon.logs
      .slice(since)
      .filter(({ msg }) => msg === "replaced")
      .map(({ replaced, of }) => `${replaced} of ${of}`);
    const all = [1, 2, 3, 4, 5].map((count) => `${count} of 5`);
    assert.deepEqual(progress, all);
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    await daemon.stop();
  });

  test("that a second HUP overtakes ends with the newest release", async (t) => {
    const releases = new Releases();
    await releases.deploy("one");
    const daemon = await start(releases.app, "--workers", "3");
    const client = load(t, daemon);
    await releases.deploy("two", worksOnce("await new Promise(() => {});"));
    const since = daemon.logs.length;
    daemon.signal("SIGHUP");
    await daemon.waitForLog("replaced", { since });
    await releases.deploy("three");
    await reload(daemon, "reloaded");
    const { generation, lastReload } = await daemon.status<Status>();
    assert.equal(generation, 3);
    assert.equal(lastReload?.result, "success");
    const count = (result: string) => {
      return daemon.metricSum("server_reloads_total", { result });
    };
    assert.equal(await count("superseded"), 1);
    assert.equal(await count("success"), 1);
    const { workers } = await whenSettled(daemon);
    assert.deepEqual(
      workers.map((worker) => worker.generation),
      [3, 3, 3],
    );
    assert.equal(await answerOf(daemon), "three");
    const report = await client.stop();
    assert.deepEqual(report.failures, []);
    await daemon.stop();
  });
});
