/** Commands where other users have put things in their way. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { noOtherUser, otherUser } from "../support/other-user.ts";
import { runCli } from "../support/run-cli.ts";

const { uid, gid, name } = otherUser;
const SCRIPT = path.resolve("test/fixtures/hostile-daemon.js");
const CONTROLS = /[^\P{Cc}\n]|\p{Cf}/u;

after(stopAllDaemons);

/** Like /tmp: anybody may make names in it. */
function publicFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-public-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o1777);
  return folder;
}

/** @param as the user of it, by default ours */
async function hostileDaemon(
  t: TestContext,
  args: readonly string[],
  as: { uid?: number; gid?: number } = {},
): Promise<number> {
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    uid: as.uid,
    gid: as.gid,
    stdio: [...stdio],
  });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child.pid ?? 0;
}

/** By the usual folders. */
function ask(temporary: string, ...args: string[]) {
  const env = { TMPDIR: temporary, REMUDA_RUNTIME_DIR: "" };
  return runCli(args, { env, cwd: temporary });
}

const theirs = { uid, gid };

describe("commands of root", { skip: noOtherUser }, () => {
  test("ask no daemon of another user, unless its pid is given", async (t) => {
    const temporary = publicFolder(t);
    const folder = path.join(temporary, `remuda-${uid}`);
    const pid = await hostileDaemon(t, [folder], theirs);
    const none = await ask(temporary, "stop");
    assert.equal(none.code, 3);
    assert.doesNotMatch(none.stderr, new RegExp(String(pid)));
    const env = { TMPDIR: temporary, REMUDA_RUNTIME_DIR: "" };
    const args = ["--workers", "1"];
    const daemon = await startDaemon({ env, args, cwd: temporary });
    const { code, stderr, stdout } = await ask(temporary, "status");
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`pid ${daemon.pid},`));
    assert.equal((await ask(temporary, "stop", "--wait")).code, 0);
    await daemon.stop();
    const meant = await ask(temporary, "status", "--pid", String(pid));
    assert.equal(meant.code, 0, meant.stderr);
    assert.doesNotMatch(meant.stdout, CONTROLS);
  });

  test("follow no link of another user, nor does a daemon", async (t) => {
    const temporary = publicFolder(t);
    const target = path.join(temporary, "target");
    mkdirSync(target, { mode: 0o700 });
    await hostileDaemon(t, [target]);
    execFileSync("ln", ["-s", target, path.join(temporary, "link")], theirs);
    execFileSync(
      "ln",
      ["-s", target, path.join(temporary, "remuda-0")],
      theirs,
    );
    const { code, stderr } = await ask(temporary, "status");
    assert.equal(code, 3);
    assert.match(stderr, /remuda-0: leads to a link of user \d+; it is not/);
    const link = path.join(temporary, "link");
    const named = await runCli(["status", "--runtime-dir", link]);
    assert.equal(named.code, 3);
    const [socket = ""] = readdirSync(target);
    const control = ["--control", path.join(link, socket)];
    assert.equal((await runCli(["status", ...control])).code, 3);
    const ports = ["--port", "0", "--admin-port", "0", "--runtime-dir", link];
    const start = await runCli(["start", ...ports]);
    assert.equal(start.code, 2);
    assert.match(start.stderr, /no control socket: .*a link of user/);
  });

  test("believe no socket that says it is another process", async (t) => {
    const temporary = publicFolder(t);
    const folder = path.join(temporary, "remuda-0");
    await hostileDaemon(t, [folder, "remuda-1.sock"]);
    const { code, stderr } = await ask(temporary, "status");
    assert.equal(code, 3);
    assert.match(stderr, /remuda-1\.sock: says that it is process \d+/);
  });

  test("print nothing that a terminal takes for a command", async (t) => {
    const folder = path.join(publicFolder(t), "named");
    await hostileDaemon(t, [folder]);
    for (const args of [
      ["status"],
      ["status", "--json"],
      ["top", "--count", "1"],
      ["ready"],
      ["reload"],
      ["reload", "--wait"],
      ["stop", "--wait", "--show-stack-traces"],
      ["scale", "2"],
    ]) {
      const { stdout, stderr } = await runCli(args, {
        env: { REMUDA_RUNTIME_DIR: folder },
      });
      assert.notEqual(stdout + stderr, "");
      assert.doesNotMatch(stdout + stderr, CONTROLS, args.join(" "));
    }
    const json = await runCli(["status", "--json"], {
      env: { REMUDA_RUNTIME_DIR: folder },
    });
    assert.match(JSON.parse(json.stdout).app, CONTROLS, "the same JSON");
  });

  test("find a daemon that became another user, in a folder of root's", async (t) => {
    const temporary = publicFolder(t);
    const env = { TMPDIR: temporary, REMUDA_RUNTIME_DIR: "" };
    const args = ["--workers", "1", "--user", name];
    const daemon = await startDaemon({ cwd: temporary, args, env });
    const folder = path.join(temporary, "remuda-0");
    const stats = [folder, path.join(folder, String(uid))].map((each) => {
      const { uid: owner, mode } = statSync(each);
      return [owner, mode & 0o777];
    });
    assert.deepEqual(stats, [
      [0, 0o711],
      [uid, 0o700],
    ]);
    daemon.signal("SIGUSR2");
    await daemon.exited;
    const { code, stderr } = await ask(temporary, "stop", "--wait");
    assert.equal(code, 0, stderr);
    await daemon.stop();
    assert.equal(existsSync(path.join(temporary, `remuda-${uid}`)), false);
  });
});

describe("commands of another user", { skip: noOtherUser }, () => {
  test("go by a folder of root's that they may not enter", async (t) => {
    const temporary = publicFolder(t);
    mkdirSync(path.join(temporary, "remuda-0"), { mode: 0o700 });
    const { code, stderr } = await runCli(["status"], {
      env: { TMPDIR: temporary, REMUDA_RUNTIME_DIR: "" },
      cwd: temporary,
      launcher: asUser(uid, gid),
    });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^remuda: no daemon found that runs/);
    assert.match(stderr, /remuda-0\/\d+: permission denied; it is not asked/);
  });
});

function asUser(uid: number, gid: number): string[] {
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
}
