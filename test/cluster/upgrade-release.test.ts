import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import type { ServerAddress } from "../support/server-address.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

const CLI = pathToFileURL(path.resolve("dist/cli.js")).href;
const REMUDA = pathToFileURL(path.resolve("dist/index.js")).href;

interface Release {
  readonly name: string;
  readonly settings: object;
}

/** Puts a release into a folder of its own, and lets the link lead there. */
function deploy(folder: string, { name, settings }: Release): void {
  const at = (file: string) => path.join(folder, name, file);
  mkdirSync(at("."));
  writeFileSync(
    at("main.mjs"),
    `process.env.PROGRAM = ${JSON.stringify(name)};
     await import(${JSON.stringify(CLI)});\n`,
  );
  writeFileSync(
    at("app.mjs"),
    `import { createApp, text } from ${JSON.stringify(REMUDA)};
     const app = createApp();
     const program = process.env.PROGRAM;
     app.get("/", () => text(${JSON.stringify(name)} + " by " + program));
     export default app;\n`,
  );
  const drain = { preStopDelayMs: 0, lingerMs: 0, deadlineMs: 5_000 };
  const admin = { port: 0 };
  const all = { app: "app.mjs", workers: 1, drain, admin, ...settings };
  writeFileSync(at("remuda.config.json"), JSON.stringify(all));
  symlinkSync(name, path.join(folder, "current.new"));
  renameSync(path.join(folder, "current.new"), path.join(folder, "current"));
}

async function ask(address: ServerAddress): Promise<string> {
  const request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const { responses } = await exchange(address, request, { responses: 1 });
  return String(responses[0]?.body);
}

async function upgrade(daemon: Daemon, master: number): Promise<number> {
  const since = daemon.logs.length;
  process.kill(master, "SIGUSR2");
  const timeoutMs = 20_000;
  await daemon.waitForLog("the old master has left", { since, timeoutMs });
  return (await daemon.status<{ pid: number }>()).pid;
}

function start(folder: string): Promise<Daemon> {
  const current = path.join(folder, "current");
  return startDaemon({
    cwd: current,
    env: { PWD: current },
    // As Node makes it of "main.mjs": with the links resolved.
    script: path.join(realpathSync(current), "main.mjs"),
    hasList: true,
  });
}

test("an upgrade brings the program, app and settings of the release now", async () => {
  const folder = temporaryFolder();
  const socket = (name: string) => path.join(folder, `${name}.sock`);
  const [kept, removed, added] = ["kept", "removed", "added"].map(socket);
  const first = [{ socketPath: kept }, { socketPath: removed }];
  deploy(folder, { name: "1", settings: { listen: first } });
  const daemon = await start(folder);
  assert.equal(await ask({ socketPath: kept as string }), "1 by 1");

  const second = [{ socketPath: added }, { socketPath: kept }];
  deploy(folder, { name: "2", settings: { listen: second, workers: 2 } });
  const master = await upgrade(daemon, daemon.pid);
  assert.equal(await ask({ socketPath: kept as string }), "2 by 2");
  assert.equal(await ask({ socketPath: added as string }), "2 by 2");
  assert.equal(existsSync(removed as string), false, "nobody listens on it");
  const { generation, workers } = await daemon.status<{
    generation: number;
    workers: readonly object[];
  }>();
  assert.equal(generation, 2);
  assert.equal(workers.length, 2);

  // And once more: the second has got it all by inheritance.
  deploy(folder, { name: "3", settings: { listen: second } });
  await upgrade(daemon, master);
  assert.equal(await ask({ socketPath: kept as string }), "3 by 3");
  assert.equal(await ask({ socketPath: added as string }), "3 by 3");
  await daemon.stop();
  assert.equal(existsSync(kept as string), false);
  assert.equal(existsSync(added as string), false);
});

test("an upgrade that fails leaves the files of sockets alone", async () => {
  const folder = temporaryFolder();
  const socketPath = path.join(folder, "a.sock");
  deploy(folder, { name: "1", settings: { socketPath } });
  const daemon = await start(folder);
  // What comes after it in the list cannot be had.
  const listen = [{ socketPath }, { socketPath: "/nowhere/b.sock" }];
  deploy(folder, { name: "2", settings: { listen } });
  daemon.signal("SIGUSR2");
  const failed = "upgrade failed; this master goes on";
  const { error } = await daemon.waitForLog(failed, { timeoutMs: 60_000 });
  assert.match(String(error), /\/nowhere/);
  assert.equal(await ask({ socketPath }), "1 by 1");
  await daemon.stop();
});

test("a new master is refused until the old one has left", async () => {
  const folder = temporaryFolder();
  const drain = { preStopDelayMs: 0, lingerMs: 2_000, deadlineMs: 5_000 };
  deploy(folder, { name: "1", settings: { drain, port: 0 } });
  const daemon = await start(folder);
  // An idle connection keeps the old one for the linger time.
  const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const held = exchange(daemon.address, request, {
    untilClosed: true,
    timeoutMs: 60_000,
  });
  const isServed = async () => {
    const count = "http_server_request_duration_seconds_count";
    return (await daemon.metricSum(count)) === 1;
  };
  await waitUntil(isServed, { what: "the request to be counted" });
  daemon.signal("SIGUSR2");
  const { successorPid } = await daemon.waitForLog("upgraded", {
    timeoutMs: 60_000,
  });
  process.kill(Number(successorPid), "SIGUSR2");
  const refused = /^upgrade refused: the master before this one .* leaving/;
  await daemon.waitForLog(({ msg = "" }) => refused.test(msg));
  await daemon.waitForLog("the old master has left", { timeoutMs: 60_000 });
  assert.equal((await held).ending, "fin");
  assert.equal(await isServed(), true, "its count has gone over");
  await daemon.stop();
});
