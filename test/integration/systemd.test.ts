/**
 * The units in deploy/, under a real systemd that the tests start. It needs
 * root, and cgroups that can be changed; elsewhere they are skipped.
 */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.ts";
import { httpGet } from "../support/http-get.ts";
import { noOtherUser, otherUser } from "../support/other-user.ts";
import { projectFolder } from "../support/project-folder.ts";
import {
  noSystemdManager,
  SystemdManager,
} from "../support/systemd-manager.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");
const deploy = (name: string) => path.join(root, "deploy", name);
const GOOD = readFileSync(path.join(root, "test/fixtures/load-app.js"), "utf8");
const TIMEOUT = { timeoutMs: 60_000 };

after(removeTemporaryFolders);

interface Service {
  readonly manager: SystemdManager;
  readonly port: number;
  readonly app: string;
}

/** What a service cannot have here, or could not see its own files with. */
async function impossible(
  manager: SystemdManager,
  unit: string,
): Promise<string[]> {
  const options = unit.match(/^(?:Protect|Private|Restrict)[A-Z]\w+=.*$/gm);
  const found: string[] = [];
  for (const option of options ?? []) {
    const isOfFolder = option.startsWith("PrivateTmp");
    if (isOfFolder || !(await manager.canHave(option))) found.push(option);
  }
  return found;
}

/** The project's unit, where only what is of this machine is changed. */
function unitFor(folder: string, port: number): string {
  const settings = [
    `REMUDA_PORT=${port} REMUDA_ADMIN_PORT=0 REMUDA_WORKERS=2`,
    "REMUDA_DRAIN_LINGER_MS=200 REMUDA_DRAIN_PRE_STOP_DELAY_MS=0",
  ].join(" ");
  const unit = readFileSync(deploy("remuda.service"), "utf8");
  return unit
    .replace("[Unit]", "[Unit]\nDefaultDependencies=no")
    .replace(/^(Wants|After)=.*\n/gm, "")
    .replace("User=app", noOtherUser ? "" : `User=${otherUser.name}`)
    .replace(/^WorkingDirectory=.*/m, `WorkingDirectory=${folder}`)
    .replace(/^Environment=.*/m, `$&\nEnvironment=${settings}`)
    .replaceAll("/usr/bin/node", process.execPath)
    .replaceAll("app.js", "app.mjs")
    .replace(/^WatchdogSec=.*/m, "WatchdogSec=3");
}

async function install(t: TestContext): Promise<Service> {
  const folder = projectFolder(t);
  chmodSync(folder, 0o755);
  const app = path.join(folder, "app.mjs");
  writeFileSync(app, GOOD);
  const manager = await SystemdManager.start(temporaryFolder());
  const port = await freePort();
  const unit = unitFor(folder, port);
  const without = await impossible(manager, unit);
  t.diagnostic(`without ${without.join(", ")}`);
  const lines = unit.split("\n").filter((line) => !without.includes(line));
  manager.addUnit("remuda.service", lines.join("\n"));
  return { manager, port, app };
}

describe("under systemd", { skip: noSystemdManager }, () => {
  test("the service starts, reloads, is watched and stops", async (t) => {
    const service = await install(t);
    try {
      await tryService(t, service);
    } catch (error) {
      t.diagnostic(service.manager.output);
      throw error;
    } finally {
      await service.manager.stop();
    }
  });

  test("its sockets keep clients waiting for the next master", async (t) => {
    const { manager, port } = await install(t);
    try {
      const socket = readFileSync(deploy("remuda.socket"), "utf8")
        .replace("[Unit]", "[Unit]\nDefaultDependencies=no")
        .replace("0.0.0.0:80", `127.0.0.1:${port}`);
      manager.addUnit("remuda.socket", socket);
      await manager.control("start", "remuda.socket");
      assert.equal((await manager.show("remuda")).SubState, "dead");
      // The first client starts the service.
      assert.equal((await httpGet(port, "/", 20_000)).body, "hello");
      const before = await mainPid(manager);
      process.kill(before, "SIGKILL");
      const asked = Array.from({ length: 10 }, () =>
        httpGet(port, "/", 20_000),
      );
      for (const { status } of await Promise.all(asked)) {
        assert.equal(status, 200);
      }
      assert.notEqual(await mainPid(manager), before);
      await manager.control("stop", "remuda.socket", "remuda.service");
    } catch (error) {
      t.diagnostic(manager.output);
      throw error;
    } finally {
      await manager.stop();
    }
  });
});

/** @throws Error where none runs: a signal to 0 would be one to us */
async function mainPid(manager: SystemdManager): Promise<number> {
  const { MainPID, SubState } = await manager.show("remuda");
  if (Number(MainPID) > 0) return Number(MainPID);
  throw new Error(`remuda has no main process: ${SubState}`);
}

async function tryService(t: TestContext, service: Service): Promise<void> {
  const { manager, port, app } = service;
  const state = async () => (await manager.show("remuda")).SubState;
  const text = async () => (await manager.show("remuda")).StatusText;

  await t.test("systemctl start ends when all workers are ready", async () => {
    await manager.control("start", "remuda");
    assert.equal(await text(), "Serving with 2 workers");
    assert.equal((await httpGet(port, "/")).body, "hello");
    const { uid } = statSync(`/proc/${await mainPid(manager)}`);
    assert.equal(uid, noOtherUser ? process.getuid?.() : otherUser.uid);
  });

  await t.test("systemctl reload rolls", async () => {
    await manager.control("reload", "remuda");
    const isDone = async () => (await text()) === "Serving generation 2";
    await waitUntil(isDone, { what: "the roll", ...TIMEOUT });
    await waitUntil(async () => (await state()) === "running", {
      what: "the end of the reload",
      ...TIMEOUT,
    });
  });

  await t.test("a reload that fails shows in the status", async () => {
    writeFileSync(app, "throw new Error('a bad release');");
    await assert.rejects(manager.control("reload", "remuda"));
    const isSaid = async () => (await text())?.includes("a bad release");
    await waitUntil(isSaid, { what: "the failure", ...TIMEOUT });
    assert.equal(await state(), "running");
    assert.equal((await httpGet(port, "/")).body, "hello");
    writeFileSync(app, GOOD);
  });

  await t.test("an upgrade is a new main process, and no restart", async () => {
    const before = await mainPid(manager);
    const slow = httpGet(port, "/slow/1000", 10_000);
    process.kill(before, "SIGUSR2");
    const isDone = async () => {
      const { MainPID, StatusText = "" } = await manager.show("remuda");
      return Number(MainPID) !== before && StatusText.includes("upgrade");
    };
    await waitUntil(isDone, { what: "the upgrade", ...TIMEOUT });
    assert.equal((await slow).status, 200);
    const isGone = () => !existsSync(`/proc/${before}`);
    await waitUntil(isGone, { what: "the old master's end", ...TIMEOUT });
    const { SubState, NRestarts } = await manager.show("remuda");
    assert.deepEqual([SubState, NRestarts], ["running", "0"]);
    assert.equal((await httpGet(port, "/")).body, "hello");
  });

  await t.test(
    "a master that hangs is killed, and another starts",
    async () => {
      const hanging = await mainPid(manager);
      process.kill(hanging, "SIGSTOP");
      await waitUntil(
        async () => {
          const { MainPID, SubState } = await manager.show("remuda");
          return Number(MainPID) !== hanging && SubState === "running";
        },
        { what: "another master", ...TIMEOUT },
      );
      assert.equal((await manager.show("remuda")).NRestarts, "1");
      assert.equal((await httpGet(port, "/")).body, "hello");
    },
  );

  await t.test("systemctl stop is graceful", async () => {
    const slow = httpGet(port, "/slow/2000", 10_000);
    await waitUntil(() => httpGet(port, "/").then(() => true), {
      what: "another request to be answered",
    });
    await manager.control("stop", "remuda");
    assert.equal((await slow).body, "slow");
    const { SubState, Result, ExecMainStatus } = await manager.show("remuda");
    assert.deepEqual(
      [SubState, Result, ExecMainStatus],
      ["dead", "success", "0"],
    );
  });
}
