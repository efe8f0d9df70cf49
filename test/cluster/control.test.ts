/** The commands for a daemon that runs, and control calls over HTTP. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import {
  type Daemon,
  type DaemonOptions,
  startDaemon,
  stopAllDaemons,
} from "../support/daemon.ts";
import { deferred } from "../support/deferred.ts";
import { runCli } from "../support/run-cli.ts";
import { startStrictClient } from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";

interface Status {
  readonly pid: number;
  readonly generation: number;
  readonly workersWanted: number;
  readonly workers: readonly { readonly pid: number }[];
}

const GOOD = "export default (app) => app.get('/', () => 'good');\n";
const TOKEN = "a-token-of-22-letters.";

const folder = mkdtempSync(path.join(os.tmpdir(), "remuda-control-"));
const app = path.join(folder, "app.mjs");

before(() => writeFile(app, GOOD));
after(async () => {
  await stopAllDaemons();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: DaemonOptions = {}): Promise<Daemon> {
  const { args = [] } = options;
  return startDaemon({ ...options, args: ["--workers", "1", ...args] });
}

/** A command for the daemon, found by its runtime folder. */
function tell(daemon: Daemon, ...args: string[]) {
  const env = { REMUDA_RUNTIME_DIR: daemon.runtimeFolder };
  return runCli(args, { env });
}

function socketOf(daemon: Daemon): string {
  return path.join(daemon.runtimeFolder, `remuda-${daemon.pid}.sock`);
}

describe("the control socket of a daemon", () => {
  test("is its owner's alone, and goes with the daemon", async () => {
    const daemon = await start();
    const { mode, uid } = statSync(socketOf(daemon));
    assert.equal(mode & 0o777, 0o600);
    assert.equal(uid, process.getuid?.());
    assert.deepEqual(readdirSync(daemon.runtimeFolder), [
      path.basename(socketOf(daemon)),
    ]);
    daemon.signal("SIGQUIT");
    await daemon.exited;
    assert.deepEqual(readdirSync(daemon.runtimeFolder), []);
    await daemon.stop();
  });

  test("is found by a setting, a flag, a pid, or its path", async () => {
    const runtimeFolder = path.join(folder, "found");
    const daemon = await start({
      env: { REMUDA_RUNTIME_DIR: undefined },
      args: ["--runtime-dir", runtimeFolder],
    });
    const socket = path.join(runtimeFolder, `remuda-${daemon.pid}.sock`);
    const config = path.join(folder, "found.json");
    await writeFile(config, JSON.stringify({ runtimeDir: "found" }));
    for (const args of [
      ["--runtime-dir", runtimeFolder],
      ["--runtime-dir", runtimeFolder, "--pid", String(daemon.pid)],
      ["--control", socket],
    ]) {
      const { code, stderr } = await runCli(["status", ...args]);
      assert.equal(code, 0, stderr);
    }
    const byConfig = await runCli(["status", "--config", config], {
      env: { REMUDA_RUNTIME_DIR: "" },
    });
    assert.equal(byConfig.code, 0, byConfig.stderr);
    await daemon.stop();
    assert.deepEqual(readdirSync(runtimeFolder), []);
  });

  test("may have a path of its own", async () => {
    const socketPath = path.join(folder, "own.sock");
    const daemon = await start({
      args: ["--control-socket-path", socketPath],
    });
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
    const env = { REMUDA_CONTROL_SOCKET_PATH: socketPath };
    assert.equal((await runCli(["status"], { env })).code, 0);
    const second = await runCli(
      ["start", "--port", "0", "--control-socket-path", socketPath],
      { env: { REMUDA_ADMIN_PORT: "0" } },
    );
    assert.equal(second.code, 2);
    assert.match(second.stderr, /own\.sock: the address is in use/);
    await daemon.stop();
    assert.equal(existsSync(socketPath), false);
  });
});

describe("looking for a daemon", () => {
  test("says where, if there is none, with exit code 3", async () => {
    const runtimeDir = path.join(folder, "none");
    const env = { REMUDA_RUNTIME_DIR: runtimeDir };
    for (const command of [["status"], ["top"], ["reload", "--wait"]]) {
      const { code, stdout, stderr } = await runCli(command, { env });
      assert.deepEqual([code, stdout], [3, ""]);
      assert.match(stderr, /^remuda: no daemon found .*REMUDA_RUNTIME_DIR/);
      assert.ok(stderr.includes(`${runtimeDir}/remuda-<pid>.sock`), stderr);
    }
  });

  test("asks which one is meant, if there are two", async () => {
    const one = await start();
    const env = { REMUDA_RUNTIME_DIR: one.runtimeFolder };
    const two = await start({ app, env });
    const { code, stderr } = await tell(one, "stop");
    assert.equal(code, 3);
    assert.match(stderr, /2 daemons run; say which is meant/);
    assert.match(stderr, new RegExp(`--pid ${one.pid} .*the welcome app`));
    assert.match(stderr, new RegExp(`--pid ${two.pid} .*app\\.mjs`));
    const json = await tell(one, "status", "--json", "--pid", `${two.pid}`);
    assert.equal((JSON.parse(json.stdout) as Status).pid, two.pid);
    await two.stop();
    assert.equal((await tell(one, "status")).code, 0);
    await one.stop();
  });

  test("passes by the socket of one that was killed", async () => {
    const daemon = await start();
    const socket = socketOf(daemon);
    renameSync(socket, `${socket}.kept`);
    daemon.kill();
    await daemon.exited;
    renameSync(`${socket}.kept`, socket);
    const { code, stderr } = await tell(daemon, "status");
    assert.equal(code, 3, stderr);
    const env = { REMUDA_RUNTIME_DIR: daemon.runtimeFolder };
    const next = await start({ env });
    assert.equal(existsSync(socket), false, "the next one takes it away");
    assert.equal((await tell(daemon, "status")).code, 0);
    await next.stop();
    await daemon.stop();
  });

  test("says of one that is stopped that it does not answer", async () => {
    const daemon = await start();
    daemon.signal("SIGSTOP");
    const { code, stderr } = await tell(daemon, "status");
    daemon.signal("SIGCONT");
    assert.equal(code, 3);
    assert.match(stderr, /remuda-\d+\.sock: does not answer/);
    await daemon.stop();
  });
});

describe("remuda", () => {
  test("status shows the daemon, for people or as JSON", async () => {
    const daemon = await start({ app });
    const people = await tell(daemon, "status");
    assert.equal(people.code, 0);
    const { pid, workers } = await daemon.status<Status>();
    assert.match(people.stdout, new RegExp(`^remuda +\\S+, pid ${pid}, up `));
    assert.match(people.stdout, /^state +running, ready: 1 of 1 /m);
    assert.match(people.stdout, new RegExp(`^ +1 +${workers[0]?.pid} `, "m"));
    const json = await tell(daemon, "status", "--json");
    assert.equal((JSON.parse(json.stdout) as Status).pid, daemon.pid);
    await daemon.stop();
  });

  test("ready says so by its exit code, as health checks want it", async () => {
    const args = ["--drain-pre-stop-delay-ms", "30000"];
    const daemon = await start({ app, args });
    const before = await tell(daemon, "ready");
    assert.equal(before.stdout, "ready: 1 of 1 workers are ready\n");
    assert.equal(before.code, 0);
    daemon.signal("SIGTERM");
    await daemon.waitForLog("stopping");
    const after = await tell(daemon, "ready");
    assert.deepEqual([after.code, after.stdout], [1, "not ready: stopping\n"]);
    await daemon.stop();
    assert.equal((await tell(daemon, "ready")).code, 3);
  });

  test("top prints as many looks as it is told to", async () => {
    const daemon = await start({ app });
    const args = ["--count", "2", "--interval-ms", "100"];
    const { code, stdout } = await tell(daemon, "top", ...args);
    assert.equal(code, 0);
    assert.equal(stdout.match(/^remuda /gm)?.length, 2);
    assert.match(stdout, /REQ\/S/);
    assert.equal(stdout.includes("\x1b"), false);
    await daemon.stop();
  });

  test("top shows rate, latency, errors and the busiest routes", async () => {
    const daemon = await start({ app: "test/fixtures/inspected-app.js" });
    const top = tell(daemon, "top", "--count", "4", "--interval-ms", "1000");
    const client = startStrictClient({
      ...daemon.address,
      ...{ connections: 2, keepAlive: true, requestTimeoutMs: 15_000 },
      pauseMs: { min: 0, max: 20 },
      mix: [
        { method: "GET", path: "/items/1" },
        { method: "GET", path: "/items/2" },
        { method: "GET", path: "/bad", expectStatus: 500 },
      ],
    });
    const { code, stdout } = await top;
    await client.stop();
    assert.equal(code, 0);
    const last = stdout.slice(stdout.lastIndexOf("remuda "));
    const line =
      /^requests +[\d ]+\/s, p50 [\d.]+ ms, p99 [\d.]+ ms, (\d+) % errors$/m;
    const errors = Number(line.exec(last)?.[1]);
    assert.ok(errors > 15 && errors < 50, last);
    assert.match(last, /^ *[\d ]+ +[\d.]+ ms +[\d.]+ ms +0 % +\/items\/:id$/m);
    assert.match(last, /^ *[\d ]+ +[\d.]+ ms +[\d.]+ ms +100 % +\/bad$/m);
    await daemon.stop();
  });

  test("reload --wait tells progress, and that all is new", async () => {
    const daemon = await start({ app, args: ["--workers", "2"] });
    const begun = await tell(daemon, "reload");
    assert.deepEqual([begun.code, begun.stderr], [0, ""]);
    assert.match(begun.stdout, /^reloading/);
    await daemon.waitForLog("reloaded");
    const { code, stdout } = await tell(daemon, "reload", "--wait");
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split("\n");
    assert.match(
      lines[0] ?? "",
      /^worker 1 ready \(pid \d+, generation 3\): 1 of 2$/,
    );
    assert.match(lines[1] ?? "", /^worker 2 ready .*: 2 of 2$/);
    assert.deepEqual(lines.slice(2), ["reloaded: generation 3"]);
    assert.equal((await daemon.status<Status>()).generation, 3);
    await daemon.stop();
  });

  test("reload --wait says why a bad deploy failed, exit code 1", async () => {
    const bad = path.join(folder, "bad.mjs");
    await writeFile(bad, GOOD);
    const daemon = await start({ app: bad });
    await writeFile(bad, "throw new Error('no such table')");
    const { code, stdout, stderr } = await tell(daemon, "reload", "--wait");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^remuda: reload failed: .*no such table/);
    assert.equal((await daemon.status<Status>()).generation, 1);
    await daemon.stop();
  });

  test("reload --wait says what is wrong with settings", async () => {
    const config = path.join(folder, "settings.json");
    await writeFile(config, "{}");
    const daemon = await start({ args: ["--config", config] });
    await writeFile(config, JSON.stringify({ prot: 1, maxFields: -1 }));
    const { code, stderr } = await tell(daemon, "reload", "--wait");
    assert.equal(code, 1);
    assert.match(stderr, /^remuda: reload refused: .*setting prot/);
    assert.match(stderr, /maxFields is -1/);
    await daemon.stop();
  });

  test("reload --wait says so when another one overtakes it", async () => {
    const slow = path.join(folder, "slow.mjs");
    const go = path.join(folder, "go");
    const wait = `
      import { existsSync } from "node:fs";
      while (!existsSync(${JSON.stringify(go)})) {
        await new Promise((done) => setTimeout(done, 20));
      }
    `;
    await writeFile(slow, GOOD);
    const daemon = await start({ app: slow });
    await writeFile(slow, wait + GOOD);
    const first = tell(daemon, "reload", "--wait");
    await daemon.waitForLog("rolling restart");
    const since = daemon.logs.length;
    const overtaking = tell(daemon, "reload", "--wait");
    await daemon.waitForLog("rolling restart", { since });
    await writeFile(go, "");
    const second = await overtaking;
    assert.equal(second.stdout.includes("took the place"), false);
    const { code, stdout } = await first;
    assert.equal(code, 0);
    assert.match(stdout, /a later reload took the place of this one/);
    assert.match(stdout, /reloaded: generation 3/);
    await daemon.stop();
  });

  test("upgrade --wait ends with the new master, which is found", async () => {
    const drain = ["--drain-linger-ms", "60000"];
    const args = [...drain, "--drain-deadline-ms", "60000"];
    const daemon = await start({ app, args });
    const { pid } = daemon;
    // Keeps the old master in its drain.
    const agent = new http.Agent({ keepAlive: true });
    const { promise: answered, resolve } = deferred<http.IncomingMessage>();
    http.get({ port: daemon.port, agent }, resolve);
    (await answered).resume();
    const { code, stdout, stderr } = await tell(daemon, "upgrade", "--wait");
    assert.equal(code, 0, stderr);
    const next = Number(/^upgraded: .* pid is (\d+) now$/m.exec(stdout)?.[1]);
    assert.notEqual(next, pid);
    const json = await tell(daemon, "status", "--json");
    assert.equal(json.code, 0, json.stderr);
    assert.equal((JSON.parse(json.stdout) as Status).pid, next);
    const sockets = readdirSync(daemon.runtimeFolder);
    assert.deepEqual(sockets, [`remuda-${next}.sock`]);
    const again = await tell(daemon, "upgrade", "--wait");
    assert.equal(again.code, 1);
    assert.match(again.stderr, /upgrade refused: .* is still leaving/);
    agent.destroy();
    await daemon.exited;
    await daemon.stop();
  });

  test("upgrade --wait takes a control socket of its own over", async () => {
    const socketPath = path.join(folder, "kept.sock");
    const args = ["--control-socket-path", socketPath];
    const daemon = await start({ app, args });
    const control = ["--control", socketPath];
    const upgraded = await runCli(["upgrade", "--wait", ...control]);
    assert.equal(upgraded.code, 0, upgraded.stderr);
    await daemon.exited;
    const status = await runCli(["status", "--json", ...control]);
    assert.equal(status.code, 0, status.stderr);
    assert.notEqual((JSON.parse(status.stdout) as Status).pid, daemon.pid);
    await daemon.stop();
    assert.equal(existsSync(socketPath), false);
  });

  test("upgrade --wait says why it failed, and all is as before", async () => {
    const bad = path.join(folder, "bad-upgrade.mjs");
    await writeFile(bad, GOOD);
    const daemon = await start({ app: bad });
    await writeFile(bad, "throw new Error('no such table')");
    const { code, stderr } = await tell(daemon, "upgrade", "--wait");
    assert.equal(code, 1);
    assert.match(stderr, /^remuda: upgrade failed: .*no such table/);
    assert.equal((await daemon.status<Status>()).pid, daemon.pid);
    assert.equal((await tell(daemon, "status")).code, 0);
    await daemon.stop();
  });

  test("scale changes the number of workers", async () => {
    const daemon = await start({ app });
    const { code, stdout } = await tell(daemon, "scale", "2");
    assert.deepEqual([code, stdout], [0, "scaling to 2 workers\n"]);
    await waitUntil(
      async () => (await daemon.status<Status>()).workers.length === 2,
      { what: "two workers" },
    );
    await daemon.stop();
  });

  test("logs reopen begins the log file anew, if there is one", async () => {
    const without = await start({ app });
    const refused = await tell(without, "logs", "reopen");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /logs reopen refused: .*no logFile/);
    await without.stop();
  });

  test("stop --wait returns when the daemon has left", async () => {
    const args = ["--drain-pre-stop-delay-ms", "200"];
    const daemon = await start({ app, args });
    const { code, stdout } = await tell(daemon, "stop", "--wait");
    assert.deepEqual([code, stdout], [0, "stopped\n"]);
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    await daemon.stop();
  });

  test("stop --now does not wait for what is in flight", async () => {
    const stuck = path.join(folder, "stuck.mjs");
    await writeFile(
      stuck,
      "export default (app) => app.get('/', () => new Promise(() => {}));\n",
    );
    const daemon = await start({ app: stuck });
    const { promise: cut, resolve } = deferred();
    http.get({ port: daemon.port, agent: false }).on("error", resolve);
    await waitUntil(
      async () => {
        const { workers } = await daemon.status<{
          workers: { activeRequests: number }[];
        }>();
        return workers[0]?.activeRequests === 1;
      },
      { what: "the request to arrive" },
    );
    const { code, stdout } = await tell(daemon, "stop", "--now", "--wait");
    assert.deepEqual([code, stdout], [0, "stopped\n"]);
    await cut;
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    await daemon.stop();
  });

  test("stop --wait fails when the daemon dies instead", async () => {
    const args = ["--drain-pre-stop-delay-ms", "20000"];
    const daemon = await start({ app, args });
    const stopping = tell(daemon, "stop", "--wait");
    await daemon.waitForLog("stopping");
    process.kill(daemon.pid, "SIGKILL");
    const { code, stderr } = await stopping;
    assert.equal(code, 1);
    assert.match(stderr, /the daemon went away before it said how it ended/);
    await daemon.stop();
  });
});

describe("a control call on the admin port", () => {
  interface Call {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: http.OutgoingHttpHeaders;
  }

  async function call(daemon: Daemon, given: Call) {
    const { method = "POST", path: target = "/control/reload?wait" } = given;
    const { promise, resolve, reject } = deferred<http.IncomingMessage>();
    const { headers = {} } = given;
    const port = daemon.adminPort;
    const options = { port, method, path: target, headers, agent: false };
    http.request(options, resolve).on("error", reject).end();
    const response = await promise;
    return { status: response.statusCode, body: await text(response) };
  }

  test("is refused while there is no token", async () => {
    const daemon = await start({ app });
    const { status, body } = await call(daemon, {});
    assert.equal(status, 403);
    assert.match(body, /admin\.tokenFile/);
    assert.equal((await daemon.status<Status>()).generation, 1);
    await daemon.stop();
  });

  test("is let through with the token, for this machine only", async () => {
    const file = path.join(folder, "token");
    await writeFile(file, `${TOKEN}\n`, { mode: 0o600 });
    const args = ["--admin-token-file", file];
    const daemon = await start({ app, args });
    const authorization = `Bearer ${TOKEN}`;
    const bearer = { authorization };
    for (const [status, given] of [
      [401, {}],
      [401, { headers: { authorization: "Bearer another-token-than-it" } }],
      [403, { headers: { ...bearer, origin: "https://evil.example" } }],
      [403, { headers: { ...bearer, "sec-fetch-site": "cross-site" } }],
      [421, { headers: { ...bearer, host: "evil.example" } }],
      [405, { headers: bearer, method: "GET" }],
      [
        421,
        { headers: { host: "evil.example" }, method: "GET", path: "/status" },
      ],
    ] as const) {
      const answer = await call(daemon, given);
      assert.equal(answer.status, status, JSON.stringify(given));
    }
    assert.equal((await daemon.status<Status>()).generation, 1);
    const { status, body } = await call(daemon, { headers: bearer });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body), {
      action: "reload",
      result: "success",
      generation: 2,
    });
    const fresh = "another-token-than-it";
    await writeFile(file, fresh);
    assert.equal((await call(daemon, { headers: bearer })).status, 401);
    const headers = { authorization: `Bearer ${fresh}` };
    assert.equal((await call(daemon, { headers })).status, 200);
    await daemon.stop();
  });

  test("keeps a server from starting whose token all can read", async () => {
    const file = path.join(folder, "open-token");
    await writeFile(file, TOKEN);
    chmodSync(file, 0o644);
    const { code, stderr } = await runCli([
      ...["check-config", "--admin-token-file", file],
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /admin\.tokenFile .* is readable by all users/);
  });
});
