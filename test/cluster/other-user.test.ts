import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import { noOtherUser, otherUser } from "../support/other-user.ts";
import { ownLoopbackAddress } from "../support/own-loopback-address.ts";
import { projectFolder } from "../support/project-folder.ts";
import { runCli } from "../support/run-cli.ts";

const { name, uid, gid } = otherUser;
const HIGH_CAPABILITIES = /^Cap(Eff|Prm|Inh|Amb):\s*0*[1-9a-f]/m;
const APP = `
  import { createApp, ok } from "remuda";
  const app = createApp();
  app.get("/", () => ok({
    uid: process.getuid(), groups: process.getgroups(), home: process.env.HOME,
  }));
  export default app;
`;

after(stopAllDaemons);

function folderWithApp(test: TestContext): string {
  const folder = projectFolder(test);
  writeFileSync(path.join(folder, "app.mjs"), APP);
  chmodSync(folder, 0o755);
  return folder;
}

/** Of every thread: the kernel has them apart. */
function identitiesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
    assert.doesNotMatch(status, HIGH_CAPABILITIES);
    return /^Uid:.*\nGid:.*$/m.exec(status)?.[0] ?? "";
  });
}

function assertIdentity(pid: number, uid: number, gid: number): void {
  const four = (id: number) => Array(4).fill(id).join("\t");
  const identity = `Uid:\t${four(uid)}\nGid:\t${four(gid)}`;
  assert.deepEqual([...new Set(identitiesOf(pid))], [identity]);
}

describe("user and group", { skip: noOtherUser }, () => {
  test("are those of the master and its workers, for good", async (t) => {
    const cwd = folderWithApp(t);
    const run = path.join(cwd, "run");
    const args = ["--workers", "2", "--user", name, "--runtime-dir", run];
    const daemon = await startDaemon({ cwd, app: "app.mjs", args });
    for (const pid of [daemon.pid, ...daemon.workerPids()]) {
      assertIdentity(pid, uid, gid);
    }
    const { body } = await httpGet(daemon.port, "/");
    const app = JSON.parse(body);
    assert.equal(app.uid, uid);
    assert.deepEqual(app.groups, [gid], "none of root's");
    assert.notEqual(app.home, process.env.HOME);
    assert.equal(statSync(run).uid, uid);
    daemon.signal("SIGHUP");
    await daemon.waitForLog("reloaded");
    await daemon.stop();
  });

  test("may be numbers, and a group of its own", async (t) => {
    const cwd = folderWithApp(t);
    const ids = ["--user", "54321", "--group", "54322"];
    const args = ["--workers", "1", ...ids, "--runtime-dir", `${cwd}/run`];
    const daemon = await startDaemon({ cwd, app: "app.mjs", args });
    assertIdentity(daemon.pid, 54_321, 54_322);
    const app = JSON.parse((await httpGet(daemon.port, "/")).body);
    assert.equal(app.home, undefined, "not root's");
    await daemon.stop();
  });

  test("are changed once the sockets are bound: port 80 is theirs", async (t) => {
    const cwd = folderWithApp(t);
    const pidFile = path.join(cwd, "run/daemon.pid");
    mkdirSync(path.dirname(pidFile));
    const daemon = await startDaemon({
      cwd,
      app: "app.mjs",
      args: [
        ...["--workers", "1", "--user", name, "--pid-file", pidFile],
        ...["--runtime-dir", path.join(cwd, "runtime")],
        // Any below 1024 that nobody has.
        ...["--host", ownLoopbackAddress(77), "--port", "80"],
      ],
    });
    assert.equal(daemon.port, 80);
    assert.equal(readFileSync(pidFile, "utf8"), `${daemon.pid}\n`);
    assert.equal(statSync(pidFile).uid, uid);
    await daemon.stop();
    // Its folder is root's: it can only be emptied.
    assert.equal(readFileSync(pidFile, "utf8"), "");
  });

  test("stay through an upgrade, and so do a low port and the pidfile", async (t) => {
    const cwd = folderWithApp(t);
    const pidFile = path.join(cwd, "daemon.pid");
    const daemon = await startDaemon({
      cwd,
      app: "app.mjs",
      args: [
        ...["--workers", "1", "--user", name, "--pid-file", pidFile],
        ...["--host", ownLoopbackAddress(78), "--port", "80"],
        ...["--runtime-dir", path.join(cwd, "run")],
        ...["--drain-linger-ms", "0"],
      ],
    });
    const { pid } = daemon;
    const written = () => readFileSync(pidFile, "utf8").trim();
    daemon.signal("SIGUSR2");
    await daemon.exited;
    const next = Number(written());
    assert.notEqual(next, pid);
    assert.deepEqual(daemon.masterPids(), [next]);
    assertIdentity(next, uid, gid);
    const client = net.connect(80, ownLoopbackAddress(78));
    await once(client, "connect");
    client.destroy();
    await daemon.stop();
    assert.equal(written(), "", "emptied by the one that wrote it last");
  });

  test("own the unix socket, which nobody else can replace", async (t) => {
    const cwd = folderWithApp(t);
    const socketPath = path.join(cwd, "web.sock");
    const args = [
      ...["--workers", "1", "--user", name, "--socket-path", socketPath],
      ...["--runtime-dir", path.join(cwd, "run")],
    ];
    const daemon = await startDaemon({ cwd, app: "app.mjs", args });
    const { uid: owner, gid: group } = statSync(socketPath);
    assert.deepEqual([owner, group], [uid, gid]);
    await daemon.stop();
    const again = await startDaemon({ cwd, app: "app.mjs", args });
    await again.stop();
  });

  test("leave a pidfile away where its folder is theirs", async (t) => {
    const cwd = folderWithApp(t);
    const pidFile = path.join(cwd, "daemon.pid");
    chmodSync(cwd, 0o777);
    const args = [
      ...["--workers", "1", "--user", name, "--pid-file", pidFile],
      ...["--runtime-dir", path.join(cwd, "run")],
    ];
    const daemon = await startDaemon({ cwd, app: "app.mjs", args });
    await daemon.stop();
    assert.equal(existsSync(pidFile), false);
  });

  test("write a pidfile of theirs in a folder that is not", async (t) => {
    // As a successor does, whose predecessor has given root up.
    const folder = folderWithApp(t);
    const file = path.join(folder, "daemon.pid");
    writeFileSync(file, "");
    chownSync(file, uid, gid);
    const script = path.resolve("test/fixtures/write-pid-file.ts");
    const args = ["--import", "tsx", script, file];
    const env = {
      ...process.env,
      TMPDIR: "/tmp",
      NODE_TEST_CONTEXT: undefined,
    };
    const options = { uid, gid, env, encoding: "utf8" } as const;
    const { stdout, stderr } = spawnSync(process.execPath, args, options);
    assert.equal(stderr, "");
    const { pid, written } = JSON.parse(stdout);
    assert.equal(written, `${pid}\n`);
    assert.equal(readFileSync(file, "utf8"), "");
    assert.deepEqual(
      readdirSync(folder).filter((name) => name[0] === "."),
      [],
    );
  });

  test("are refused where there is no such account", async () => {
    const start = (...args: string[]) =>
      runCli(["start", "--port", "0", "--admin-port", "0", ...args]);
    const noUser = await start("--user", "no-such-user");
    assert.equal(noUser.stderr, 'remuda: there is no user "no-such-user"\n');
    assert.equal(noUser.code, 2);
    const noGroup = await start("--user", name, "--group", "no-such-group");
    assert.equal(noGroup.stderr, 'remuda: there is no group "no-such-group"\n');
    const unnamed = await start("--user", "54321");
    const why = "user 54321 has no name and so no group: set group as well";
    assert.equal(unnamed.stderr, `remuda: ${why}\n`);
  });

  test("are refused to who is not root, unless that is who it is", (t) => {
    const cwd = folderWithApp(t);
    const killSignal = "SIGQUIT";
    const start = (timeout: number, ...args: string[]) => {
      const script = path.join(process.cwd(), "dist/cli.js");
      const ports = ["--port", "0", "--admin-port", "0", "--workers", "1"];
      const all = [script, "start", "app.mjs", ...ports, ...args];
      const options = { cwd, uid, gid, timeout, killSignal } as const;
      return spawnSync(process.execPath, all, { ...options, encoding: "utf8" });
    };
    const refused = start(60_000, "--user", "root");
    assert.equal(refused.status, 2);
    assert.equal(
      refused.stderr,
      `remuda: only root can become root, and this is uid ${uid}: ` +
        "start it as root, or leave user and group out\n",
    );
    // It serves until it is told to stop.
    const same = start(10_000, "--user", name);
    assert.match(same.stdout, /"msg":"listening"/);
  });

  test("do not keep root's commands from finding the daemon", async (t) => {
    const cwd = folderWithApp(t);
    const temporary = path.join(cwd, "tmp");
    mkdirSync(temporary);
    chmodSync(temporary, 0o1777);
    // No setting says where: root makes a folder for the user that it becomes.
    const env = { TMPDIR: temporary, REMUDA_RUNTIME_DIR: "" };
    const args = ["--workers", "1", "--user", name];
    const daemon = await startDaemon({ cwd, app: "app.mjs", args, env });
    const socket = `remuda-0/${uid}/remuda-${daemon.pid}.sock`;
    const stats = statSync(path.join(temporary, socket));
    assert.deepEqual([stats.uid, stats.mode & 0o777], [uid, 0o600]);
    const { code, stderr } = await runCli(["stop", "--wait"], { cwd, env });
    assert.equal(code, 0, stderr);
    await daemon.stop();
  });
});
