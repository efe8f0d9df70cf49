import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import { projectFolder } from "../support/project-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const init = path.resolve(
  fileURLToPath(import.meta.url),
  "../../../deploy/remuda-init.sh",
);
// What a container is, as far as processes go.
const CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc"];
const skip =
  spawnSync(CONTAINER[0] ?? "", [...CONTAINER.slice(1), "true"]).status === 0
    ? false
    : "processes cannot be numbered anew here: unshare --pid needs root";

// One that leaves a process behind, and one that takes its time.
const APP = `
  import { spawn } from "node:child_process";
  import { setTimeout as delay } from "node:timers/promises";
  import { createApp, ok } from "remuda";
  const app = createApp();
  app.get("/orphan", async () => {
    const child = spawn("sh", ["-c", "(sleep 0.1; echo) & exit 0"]);
    await new Promise((resolve) => child.on("close", resolve));
    return ok(process.pid);
  });
  app.get("/slow", async () => { await delay(3_000); return ok(process.pid); });
  export default app;
`;

const QUICK = {
  REMUDA_DRAIN_PRE_STOP_DELAY_MS: "0",
  REMUDA_DRAIN_LINGER_MS: "0",
};

after(stopAllDaemons);

function start(t: TestContext, ...launcher: string[]): Promise<Daemon> {
  const cwd = projectFolder(t);
  writeFileSync(path.join(cwd, "app.mjs"), APP);
  return startDaemon({
    cwd,
    app: "app.mjs",
    args: ["--workers", "1"],
    env: QUICK,
    launcher: [...CONTAINER, ...launcher],
  });
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

/** One that has begun, and is not answered for a while. */
async function slowRequest(daemon: Daemon) {
  const answer = httpGet(daemon.port, "/slow");
  const active = "http_server_active_requests";
  const hasBegun = async () => (await daemon.metricSum(active)) > 0;
  await waitUntil(hasBegun, { what: "a request in flight" });
  return { answer };
}

/** What is process 1 inside. */
function firstOf(daemon: Daemon): number {
  return childrenOf(daemon.pid)[0] as number;
}

function zombiesOf(pid: number): number {
  return childrenOf(pid).filter((child) => {
    const stat = readFileSync(`/proc/${child}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  }).length;
}

describe("as the first process of a container", { skip }, () => {
  test("the master stops gracefully on TERM", async (t) => {
    const daemon = await start(t);
    assert.equal(daemon.logs.find(({ role }) => role === "master")?.pid, 1);
    const slow = await slowRequest(daemon);
    process.kill(firstOf(daemon), "SIGTERM");
    assert.equal((await slow.answer).status, 200);
    assert.equal((await daemon.exited).code, 0);
  });

  test("the master says that zombies stay", async (t) => {
    const daemon = await start(t);
    for (let count = 0; count < 3; count++) {
      await httpGet(daemon.port, "/orphan");
    }
    const message = "zombies stay: the container needs an init";
    const line = await daemon.waitForLog(message, { timeoutMs: 60_000 });
    assert.equal(line.zombies, 3);
    assert.equal(zombiesOf(firstOf(daemon)), 3);
    process.kill(firstOf(daemon), "SIGQUIT");
    await daemon.exited;
  });

  test("the init passes signals on and leaves no zombie", async (t) => {
    const daemon = await start(t, init);
    const first = firstOf(daemon);
    const master = daemon.logs.find(({ role }) => role === "master");
    assert.notEqual(master?.pid, 1);
    for (let count = 0; count < 3; count++) {
      await httpGet(daemon.port, "/orphan");
    }
    const areGone = () => childrenOf(first).length === 1;
    await waitUntil(areGone, { what: "the orphans to be waited for" });
    process.kill(first, "SIGHUP");
    await daemon.waitForLog("reloaded");
    // It would end when this master leaves, and so would the container.
    process.kill(first, "SIGUSR2");
    await daemon.waitForLog(({ msg }) => {
      return /^upgrade refused: remuda-init.* would take/.test(String(msg));
    });
    const slow = await slowRequest(daemon);
    process.kill(first, "SIGTERM");
    await daemon.waitForLog("stopping");
    assert.equal((await slow.answer).status, 200);
    assert.equal((await daemon.exited).code, 0);
  });

  test("the init ends as its command ends", () => {
    const run = (...command: string[]) =>
      spawnSync(init, command, { encoding: "utf8", input: "from outside" });
    assert.equal(run("sh", "-c", "exit 7").status, 7);
    assert.equal(run("sh", "-c", "kill -KILL $$").status, 128 + 9);
    assert.equal(run("cat").stdout, "from outside");
    assert.equal(run("/nonexistent").status, 127);
    assert.equal(run().status, 2);
  });
});
