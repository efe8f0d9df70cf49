import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { noOtherUser, otherUser } from "../support/other-user.ts";
import { type CliResult, runCli } from "../support/run-cli.ts";
import { waitUntil } from "../support/wait-until.ts";

const { name, uid, gid } = otherUser;
const SECRET = "root:secret\n";

interface Scene {
  /** A folder of the user's. */
  readonly theirs: string;
  /** One of root's, where the user may read names and nothing else. */
  readonly roots: string;
  /** A file in it, for root alone. */
  readonly secret: string;
}

after(stopAllDaemons);

function scene(test: TestContext): Scene {
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-root-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const theirs = path.join(folder, "theirs");
  const roots = path.join(folder, "roots");
  const secret = path.join(roots, "secret");
  mkdirSync(theirs);
  mkdirSync(roots, { mode: 0o755 });
  writeFileSync(secret, SECRET, { mode: 0o600 });
  chownSync(theirs, uid, gid);
  return { theirs, roots, secret };
}

function assertUntouched({ roots, secret }: Scene): void {
  const { uid: owner, mode } = lstatSync(secret);
  assert.deepEqual([owner, mode & 0o777], [0, 0o600]);
  assert.equal(readFileSync(secret, "utf8"), SECRET);
  assert.deepEqual(readdirSync(roots), ["secret"]);
}

/** A link that the user has made. */
function linkOfTheirs(target: string, file: string): void {
  execFileSync("ln", ["-s", target, file], { uid, gid });
}

/** Without an app: the folder of the user is nothing but files. */
const start = (theirs: string, ...args: string[]) => {
  const run = ["--runtime-dir", path.join(theirs, "run")];
  const all = ["--workers", "1", "--user", name, ...run, ...args];
  return startDaemon({ args: all, cwd: theirs });
};

const refusedStart = (theirs: string, ...args: string[]) => {
  const isSocket = args.includes("--admin-socket-path");
  const admin = isSocket ? [] : ["--admin-port", "0"];
  const ports = ["--port", "0", ...admin, "--workers", "1"];
  const all = ["start", ...ports, "--user", name, ...args];
  return runCli(all, { cwd: theirs, timeoutMs: 60_000 });
};

function assertRefused({ code, stderr }: CliResult, why: RegExp): void {
  assert.match(stderr, why);
  assert.equal(code, 2);
}

async function stopWhenStarted(where: readonly string[]): Promise<void> {
  const isStopped = async () => {
    return (await runCli(["stop", "--wait", ...where])).code === 0;
  };
  await waitUntil(isStopped, { what: "the daemon to stop", timeoutMs: 60_000 });
}

describe("files that root makes for another user", {
  skip: noOtherUser,
}, () => {
  test("are none of root's that a log file is linked to", async (t) => {
    const places = scene(t);
    const { theirs, secret, roots } = places;
    linkOfTheirs(secret, path.join(theirs, "link.log"));
    linkOfTheirs(roots, path.join(theirs, "logs"));
    linkSync(secret, path.join(theirs, "name.log"));
    for (const file of ["link.log", "name.log", "logs/new.log"]) {
      const daemon = await start(theirs, "--log-file", `${theirs}/${file}`);
      assert.match(daemon.stderr, /log file .* cannot be opened.*EACCES/);
      await daemon.stop();
      assertUntouched(places);
    }
  });

  test("are not given away where they are devices", async (t) => {
    const { theirs, roots } = scene(t);
    // As /dev/null.
    const device = path.join(roots, "null");
    execFileSync("mknod", ["-m", "666", device, "c", "1", "3"]);
    const args = ["--workers", "1", "--user", name, "--log-file", device];
    const admin = ["--admin-socket-path", path.join(theirs, "admin.sock")];
    const run = ["--runtime-dir", path.join(theirs, "run")];
    const all = ["start", "--port", "0", ...admin, ...args, ...run];
    const child = runCli(all, { cwd: theirs });
    await stopWhenStarted(run);
    assert.equal((await child).code, 0);
    assert.equal(statSync(device).uid, 0);
  });

  test("are theirs in a folder of root's, whoever made them first", async (t) => {
    const { theirs, roots } = scene(t);
    const log = path.join(roots, "app.log");
    const old = path.join(roots, "old.log");
    const run = path.join(roots, "new/run");
    const socket = path.join(roots, "web.sock");
    writeFileSync(old, "before\n", { mode: 0o600 });
    for (const file of [log, old]) {
      const daemon = await startDaemon({
        cwd: theirs,
        logFile: file,
        args: [
          ...["--workers", "1", "--user", name, "--runtime-dir", run],
          ...["--socket-path", socket, "--socket-mode", "0660"],
        ],
      });
      assert.deepEqual([statSync(file).uid, statSync(run).uid], [uid, uid]);
      const { uid: owner, gid: group, mode } = statSync(socket);
      assert.deepEqual([owner, group, mode & 0o777], [uid, gid, 0o660]);
      daemon.signal("SIGUSR1");
      await daemon.waitForLog("log file reopened");
      await daemon.stop();
    }
  });

  test("are made nowhere but where the user could make them", async (t) => {
    const places = scene(t);
    const { theirs, roots } = places;
    linkOfTheirs(roots, path.join(theirs, "run"));
    const inRoots = path.join(theirs, "run/x");
    const refused = (...args: string[]) => refusedStart(theirs, ...args);
    assertRefused(
      await refused("--pid-file", inRoots),
      /cannot write pidFile .*\/run\/x \(EACCES\)/,
    );
    const socket = /cannot listen on .*\/run\/x: permission denied/;
    assertRefused(await refused("--admin-socket-path", inRoots), socket);
    assertRefused(await refused("--control-socket-path", inRoots), socket);
    assertRefused(await refused("--runtime-dir", inRoots), /EACCES/);
    const data = ["start", "--socket-path", inRoots, "--user", name];
    const admin = ["--admin-port", "0"];
    assertRefused(await runCli([...data, ...admin], { cwd: theirs }), socket);
    assertUntouched(places);
  });

  test("are the same when links take their places meanwhile", async (t) => {
    const places = scene(t);
    const { theirs, secret } = places;
    const pidFile = path.join(theirs, "daemon.pid");
    const socket = path.join(theirs, "admin.sock");
    const swapper = spawn(
      process.execPath,
      [path.resolve("test/fixtures/swap-for-links.js"), theirs, secret],
      { uid, gid, stdio: ["ignore", "pipe", "inherit"] },
    );
    t.after(() => swapper.kill("SIGKILL"));
    await once(swapper.stdout, "data");
    const ports = ["--port", "0", "--admin-socket-path", socket];
    const files = ["--pid-file", pidFile, "--log-file", `${theirs}/a.log`];
    const run = ["--runtime-dir", path.join(theirs, "run")];
    const all = ["start", ...ports, ...files, "--user", name, ...run];
    const daemon = runCli([...all, "--workers", "1"], { cwd: theirs });
    await once(swapper, "exit");
    assert.equal(readlinkSync(pidFile), secret, "it was quick enough");
    await stopWhenStarted(run);
    const { code, stderr } = await daemon;
    assert.equal(code, 0, stderr);
    assertUntouched(places);
  });

  test("are not waited for where they are pipes", async (t) => {
    const { theirs } = scene(t);
    const pipe = path.join(theirs, "pipe");
    execFileSync("mkfifo", [pipe], { uid, gid });
    const tls = ["--tls-cert-file", pipe, "--tls-key-file", pipe];
    assertRefused(await refusedStart(theirs, ...tls), /is not a file/);
    const token = ["--admin-token-file", pipe];
    assertRefused(await refusedStart(theirs, ...token), /is not a file/);
    const daemon = await start(theirs, "--pid-file", pipe);
    assert.equal(readFileSync(pipe, "utf8"), `${daemon.pid}\n`);
    await daemon.stop();
  });

  test("may be reached by links of root's", async (t) => {
    const { theirs, roots } = scene(t);
    const folder = path.join(roots, "logs");
    mkdirSync(folder);
    symlinkSync("../roots/logs", path.join(roots, "link"));
    const logFile = path.join(roots, "link/app.log");
    const daemon = await startDaemon({
      cwd: theirs,
      logFile,
      args: ["--workers", "1", "--user", name, "--runtime-dir", `${theirs}/r`],
    });
    assert.equal(statSync(path.join(folder, "app.log")).uid, uid);
    await daemon.stop();
  });
});
