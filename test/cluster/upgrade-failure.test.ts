import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

const GOES_ON = "upgrade failed; this master goes on";
const CLI = pathToFileURL(path.resolve("dist/cli.js")).href;
const REMUDA = pathToFileURL(path.resolve("dist/index.js")).href;
const HANGS = "while (true);\n";

/** What a new master says and does, in place of the real one. */
function fakeMaster(onTakeOver: string): string {
  return `
    process.on("message", ({ type }) => {
      if (type === "welcome") process.send({ type: "ready", sockets: [] });
      if (type === "takeOver") { ${onTakeOver} }
      if (type === "abort") process.exit(0);
    });
    process.send({ type: "hello", protocol: 1 });
  `;
}

/** A daemon whose program, app and settings are files that tests change. */
class Deployment {
  readonly #folder = temporaryFolder();
  #daemon: Daemon | undefined;

  static async start(): Promise<Deployment> {
    const deployment = new Deployment();
    deployment.putProgram(`import ${JSON.stringify(CLI)};\n`);
    deployment.putApp(deployment.appThatSays("old"));
    deployment.putSettings({});
    deployment.#daemon = await startDaemon({
      cwd: deployment.#folder,
      env: { PWD: deployment.#folder },
      script: deployment.#at("main.mjs"),
    });
    return deployment;
  }

  get daemon(): Daemon {
    if (!this.#daemon) throw new Error("it was not started");
    return this.#daemon;
  }

  appThatSays(text: string): string {
    return `
      import { createApp, text } from ${JSON.stringify(REMUDA)};
      const app = createApp();
      app.get("/", () => text(${JSON.stringify(text)}));
      export default app;
    `;
  }

  putProgram(source: string): void {
    writeFileSync(this.#at("main.mjs"), source);
  }

  putApp(source: string): void {
    writeFileSync(this.#at("app.mjs"), source);
  }

  putSettings(settings: object): void {
    const drain = { preStopDelayMs: 0, lingerMs: 2_000, deadlineMs: 4_000 };
    const all = { app: "app.mjs", workers: 2, drain, ...settings };
    writeFileSync(this.#at("remuda.config.json"), JSON.stringify(all));
  }

  /** The processes of the old master are all there are, and it serves. */
  async assertGoesOn(error: RegExp): Promise<void> {
    const { daemon } = this;
    const line = await daemon.waitForLog(GOES_ON, { timeoutMs: 60_000 });
    assert.match(String(line.error), error);
    await waitUntil(() => daemon.processes().length === 3, {
      what: "the new master and its workers to be gone",
    });
    // The master hears a little later that the new one is gone.
    const isOver = async () => {
      const { upgrade } = await daemon.status<UpgradeStatus>();
      return upgrade.state === "idle";
    };
    await waitUntil(isOver, { what: "the upgrade to be over" });
    const { pid, lastUpgrade } = await daemon.status<UpgradeStatus>();
    assert.equal(pid, daemon.pid);
    assert.equal(lastUpgrade.result, "failure");
    const labels = { result: "failure" };
    assert.equal(await daemon.metricSum("server_upgrades_total", labels), 1);
    assert.equal((await httpGet(daemon.port, "/")).body, "old");
  }

  #at(name: string): string {
    return path.join(this.#folder, name);
  }
}

interface UpgradeStatus {
  readonly pid: number;
  readonly upgrade: { readonly state: string };
  readonly lastUpgrade: { readonly result: string };
}

/** Masters that the spawned one has started. */
function newMasters(daemon: Daemon): number[] {
  return daemon.processes().flatMap((each) => {
    return !each.isWorker && each.parentPid === daemon.pid ? [each.pid] : [];
  });
}

describe("the old master goes on", { concurrency: 2 }, () => {
  const cases = [
    {
      name: "where the new program does not load",
      change: (deployment: Deployment) => {
        deployment.putProgram('throw new Error("bad program");\n');
      },
      error: /left with code 1 before it had taken over/,
    },
    {
      name: "where the new app does not start",
      change: (deployment: Deployment) => {
        deployment.putApp('throw new Error("bad app");\n');
      },
      error: /bad app/,
    },
    {
      name: "where the new settings are not valid",
      change: (deployment: Deployment) => {
        deployment.putSettings({ workers: -1 });
      },
      error: /workers/,
    },
    {
      name: "where the new workers hang, and they are killed",
      change: (deployment: Deployment) => {
        deployment.putApp(HANGS);
      },
      upgradeTimeoutMs: 2_000,
      error: /had not taken over after 2000 ms/,
    },
    {
      name: "where the new program says what nobody understands",
      change: (deployment: Deployment) => {
        deployment.putProgram('process.send("ready");\n');
      },
      error: /not understood/,
    },
    {
      name: "where the new one is of a version that talks otherwise",
      change: (deployment: Deployment) => {
        deployment.putProgram(
          'process.send({ type: "hello", protocol: 99 }); setInterval(() => {}, 1e6);\n',
        );
      },
      error: /protocol 99/,
    },
    {
      name: "where the new one dies as it takes over",
      change: (deployment: Deployment) => {
        deployment.putProgram(
          fakeMaster('process.kill(process.pid, "SIGKILL")'),
        );
      },
      error: /ended by SIGKILL before it had taken over/,
    },
    {
      name: "where the new one never says that it has taken over",
      change: (deployment: Deployment) => {
        deployment.putProgram(fakeMaster(""));
      },
      upgradeTimeoutMs: 2_000,
      error: /had not taken over after 2000 ms/,
    },
  ];
  for (const { name, change, error, upgradeTimeoutMs } of cases) {
    test(name, async () => {
      const deployment = await Deployment.start();
      const { daemon } = deployment;
      if (upgradeTimeoutMs !== undefined) {
        deployment.putSettings({ upgradeTimeoutMs });
        daemon.signal("SIGHUP");
        await daemon.waitForLog("reloaded", { timeoutMs: 60_000 });
      }
      change(deployment);
      daemon.signal("SIGUSR2");
      await deployment.assertGoesOn(error);
      await daemon.stop();
    });
  }

  test("where the new one is killed while it starts", async () => {
    const deployment = await Deployment.start();
    const { daemon } = deployment;
    deployment.putApp(HANGS);
    daemon.signal("SIGUSR2");
    // The old one's two, and two that hang.
    await waitUntil(() => daemon.workerPids().length === 4, {
      what: "the new workers",
      timeoutMs: 60_000,
    });
    for (const pid of newMasters(daemon)) process.kill(pid, "SIGKILL");
    await deployment.assertGoesOn(/ended by SIGKILL/);
    await daemon.stop();
  });

  test("and can be upgraded once what was bad is good", async () => {
    const deployment = await Deployment.start();
    const { daemon } = deployment;
    deployment.putApp('throw new Error("bad app");\n');
    daemon.signal("SIGUSR2");
    await deployment.assertGoesOn(/bad app/);
    deployment.putApp(deployment.appThatSays("new"));
    daemon.signal("SIGUSR2");
    await daemon.waitForLog("upgraded", { timeoutMs: 60_000 });
    assert.equal((await httpGet(daemon.port, "/")).body, "new");
    await daemon.stop();
  });
});

test("a scrape meanwhile is late, and does not fail", async () => {
  const deployment = await Deployment.start();
  const { daemon } = deployment;
  deployment.putSettings({ upgradeTimeoutMs: 2_000 });
  daemon.signal("SIGHUP");
  await daemon.waitForLog("reloaded", { timeoutMs: 60_000 });
  deployment.putProgram(fakeMaster('console.log("taking")'));
  daemon.signal("SIGUSR2");
  await daemon.waitForLog(({ unparsed }) => unparsed === "taking");
  const metrics = await daemon.metrics();
  assert.match(metrics, /server_upgrades_total\{result="failure"\} 1/);
  await daemon.stop();
});

test("a new master goes on where the old one is killed", async () => {
  const deployment = await Deployment.start();
  const { daemon } = deployment;
  const app = deployment.appThatSays("new");
  deployment.putApp(`await new Promise((r) => setTimeout(r, 1_000));\n${app}`);
  daemon.signal("SIGUSR2");
  await waitUntil(() => daemon.workerPids().length === 4, {
    what: "the new workers",
    timeoutMs: 60_000,
  });
  const since = daemon.logs.length;
  const [successor] = newMasters(daemon);
  daemon.signal("SIGKILL");
  await daemon.waitForLog("ready", { since, timeoutMs: 60_000 });
  await waitUntil(async () => (await daemon.status()).pid === successor, {
    what: "the new master to answer",
  });
  assert.equal((await httpGet(daemon.port, "/")).body, "new");
  await daemon.stop();
});

test("a stop ends the upgrade and the server", async () => {
  const deployment = await Deployment.start();
  const { daemon } = deployment;
  deployment.putApp(HANGS);
  daemon.signal("SIGUSR2");
  await waitUntil(() => daemon.workerPids().length === 4, {
    what: "the new workers",
    timeoutMs: 60_000,
  });
  daemon.signal("SIGTERM");
  const { code } = await daemon.exited;
  assert.equal(code, 0);
  await waitUntil(() => daemon.processes().length === 0, {
    what: "all processes to leave",
  });
  await daemon.stop();
});
