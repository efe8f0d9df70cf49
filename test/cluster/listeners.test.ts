import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type tls from "node:tls";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { projectFolder } from "../support/project-folder.ts";
import { exchange } from "../support/raw-exchange.ts";
import { runCli } from "../support/run-cli.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { tlsFixture } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = path.resolve("test/fixtures/load-app.js");
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const GET_PID = "GET /pid HTTP/1.1\r\nHost: a\r\n\r\n";
const ROLLS = 5;
const UPGRADES = 2;
const SHORT_MS = 1_000;

after(stopAllDaemons);

type Entry = Record<string, unknown>;

/** A daemon with a list of listeners, which a test may change. */
async function startWith(
  t: TestContext,
  { listen, ...settings }: { listen: Entry[] } & Entry,
) {
  const folder = projectFolder(t);
  const write = (content: object) => {
    const file = path.join(folder, "remuda.config.json");
    fs.writeFileSync(file, JSON.stringify(content));
  };
  write({ workers: 2, ...settings, listen });
  const daemon = await startDaemon({ app: APP, cwd: folder, hasList: true });
  return { daemon, folder, write };
}

/** Whose app takes its time, and says when it is there. */
async function startSlowly(t: TestContext, scheduling: string) {
  const cwd = projectFolder(t);
  const app = `
    import { createApp } from "remuda";
    await new Promise((resolve) => setTimeout(resolve, 300));
    console.log(JSON.stringify({ msg: "loaded" }));
    export default createApp();
  `;
  fs.writeFileSync(path.join(cwd, "app.mjs"), app);
  const args = ["--workers", "1", "--scheduling", scheduling];
  const daemon = await startDaemon({ cwd, app: "app.mjs", args });
  const said = daemon.logs.map(({ msg }) => msg);
  return said.filter((msg) => msg === "loaded" || msg === "listening");
}

/** Of both families, since one of them is to be in use with the other. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "::");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** IPv4, IPv6, a unix socket, and TLS. */
async function oneOfEach(): Promise<Entry[]> {
  const port = await freePort();
  return [
    { port, headTimeoutMs: SHORT_MS },
    { host: "::", port, ipv6Only: true, scheduling: "shared" },
    { socketPath: "run.sock", mode: "0660" },
    {
      port: 0,
      scheduling: "shared",
      tls: {
        certFile: tlsFixture("server.pem"),
        keyFile: tlsFixture("server.key"),
      },
    },
  ];
}

async function bodyAt(address: ServerAddress, bytes = GET): Promise<string> {
  const { responses } = await exchange(address, bytes, { responses: 1 });
  assert.equal(responses[0]?.status, 200);
  return responses[0].body.toString();
}

async function reload(daemon: Daemon): Promise<void> {
  const since = daemon.logs.length;
  daemon.signal("SIGHUP");
  await daemon.waitForLog("reloaded", { since, timeoutMs: 60_000 });
}

function socketsIn(folder: string): string[] {
  return fs.readdirSync(folder).filter((name) => {
    return fs.lstatSync(path.join(folder, name)).isSocket();
  });
}

interface UpgradeStatus {
  readonly pid: number;
  readonly upgrade: { readonly predecessorPid: number | null };
}

interface Status {
  readonly listening: readonly Record<string, unknown>[];
}

describe("a server says that it listens", () => {
  test("once a worker accepts, where workers do", async (t) => {
    assert.deepEqual(await startSlowly(t, "shared"), ["loaded", "listening"]);
  });

  test("at once, where the master accepts and clients wait", async (t) => {
    assert.deepEqual(await startSlowly(t, "balanced"), ["listening", "loaded"]);
  });
});

describe("several listeners", { concurrency: 1 }, () => {
  test("serve at once, each where and how it is told to", async (t) => {
    const { daemon, folder } = await startWith(t, {
      listen: await oneOfEach(),
    });
    const { addresses } = daemon;
    assert.equal(addresses.length, 4);
    for (const address of addresses) {
      assert.equal(await bodyAt(address), "hello");
    }
    const socketPath = path.join(fs.realpathSync(folder), "run.sock");
    assert.equal(fs.statSync(socketPath).mode & 0o777, 0o660);
    const { listening } = await daemon.status<Status>();
    assert.deepEqual(
      listening.map(({ scheme, scheduling }) => `${scheme} ${scheduling}`),
      ["http balanced", "http shared", "http balanced", "https shared"],
    );
    assert.equal(listening[0]?.port, listening[1]?.port);
    assert.equal(fs.realpathSync(String(listening[2]?.socketPath)), socketPath);
    const { stdout } = await runCli(["status"], {
      env: { REMUDA_RUNTIME_DIR: daemon.runtimeFolder },
    });
    assert.match(stdout, /listening +https:\/\/127\.0\.0\.1:\d+, shared\n/);
    await daemon.stop();
    assert.equal(fs.existsSync(socketPath), false);
  });

  test("have each its own scheduling", async (t) => {
    const { daemon } = await startWith(t, {
      listen: [{ port: 0 }, { port: 0, scheduling: "shared" }],
    });
    const [balanced, shared] = daemon.addresses as [
      ServerAddress,
      ServerAddress,
    ];
    // Workers accept without the master; it is the one who balances.
    daemon.signal("SIGSTOP");
    t.after(() => daemon.signal("SIGCONT"));
    const isStopped = () =>
      fs.readFileSync(`/proc/${daemon.pid}/stat`, "utf8").includes(") T ");
    await waitUntil(isStopped, { what: "the master to be stopped" });
    assert.equal(await bodyAt(shared), "hello");
    const waiting = bodyAt(balanced);
    const first = await Promise.race([waiting, delay(200, "nobody")]);
    assert.equal(first, "nobody");
    daemon.signal("SIGCONT");
    assert.equal(await waiting, "hello");
    await daemon.stop();
  });

  test("are balanced as one", async (t) => {
    const { daemon } = await startWith(t, {
      listen: [{ port: 0 }, { socketPath: "run.sock" }],
      drain: { lingerMs: 0 },
    });
    const clients: net.Socket[] = [];
    t.after(() => {
      for (const client of clients) client.destroy();
    });
    const counts = new Map<string, number>();
    for (let index = 0; index < 8; index++) {
      const client = connect(daemon.addresses[index % 2] as ServerAddress);
      clients.push(client);
      client.write(GET_PID);
      const [answer] = await once(client, "data");
      const pid = String(answer).split("\r\n\r\n")[1] ?? "";
      counts.set(pid, (counts.get(pid) ?? 0) + 1);
    }
    assert.deepEqual([...counts.values()], [4, 4]);
    await daemon.stop();
  });

  test("have each their own time-outs, also after a reload", async (t) => {
    const listen = await oneOfEach();
    const { daemon, write } = await startWith(t, { listen });
    const [short, ...others] = daemon.addresses;
    assert.ok(short);
    const beginning = GET.slice(0, -2);
    const status408 = async (address: ServerAddress) => {
      const { responses } = await exchange(address, beginning, {
        responses: 1,
      });
      return responses[0]?.status;
    };
    const slow = others.map((address) => {
      const client = connect(address);
      t.after(() => client.destroy());
      client.write(beginning);
      return client;
    });
    assert.equal(await status408(short), 408);
    for (const client of slow) {
      client.write("\r\n");
      assert.match(String((await once(client, "data"))[0]), /hello$/);
      client.end();
    }
    const wanted = listen.map((entry, index) => {
      return index === 2 ? { ...entry, headTimeoutMs: SHORT_MS } : entry;
    });
    write({ workers: 2, listen: [...wanted, { port: 1 }] });
    const since = daemon.logs.length;
    await reload(daemon);
    assert.equal(await status408(others[1] as ServerAddress), 408);
    const warning = daemon.logs
      .slice(since)
      .find(({ msg }) => msg === "changed setting needs a restart");
    assert.equal(warning?.setting, "listen: 127.0.0.1:1 is new");
    await daemon.stop();
  });

  test("have each their own TLS, which a reload renews", async (t) => {
    const files = (name: string) => ({
      certFile: tlsFixture(`${name}.pem`),
      keyFile: tlsFixture(`${name}.key`),
    });
    const plain = { port: 0, tls: false };
    const { daemon, write } = await startWith(t, {
      tls: files("server"),
      listen: [{ port: 0 }, { port: 0, tls: files("server") }, plain],
    });
    const shownAt = async (index: number) => {
      const client = connect(daemon.addresses[index] as ServerAddress);
      await once(client, "secureConnect");
      const { CN } = (client as tls.TLSSocket).getPeerCertificate().subject;
      client.destroy();
      return String(CN).split(" ").at(-1);
    };
    assert.equal(await bodyAt(daemon.addresses[2] as ServerAddress), "hello");
    assert.deepEqual(
      [await shownAt(0), await shownAt(1)],
      ["server", "server"],
    );
    write({
      workers: 2,
      tls: files("server"),
      listen: [{ port: 0 }, { port: 0, tls: files("renewed") }, plain],
    });
    await reload(daemon);
    assert.deepEqual(
      [await shownAt(0), await shownAt(1)],
      ["server", "renewed"],
    );
    await daemon.stop();
  });

  test("come and go with an upgrade, and the others stay", async (t) => {
    const stays = { port: 0 };
    const on = (mode: string) => ({ socketPath: "stays.sock", mode });
    const { daemon, folder, write } = await startWith(t, {
      listen: [stays, { socketPath: "goes.sock" }, on("0600")],
      drain: { preStopDelayMs: 0, lingerMs: 0 },
    });
    const [staying] = daemon.addresses as [ServerAddress];
    const comes = { socketPath: "comes.sock" };
    write({ workers: 2, listen: [comes, stays, on("0660")] });
    const since = daemon.logs.length;
    daemon.signal("SIGUSR2");
    await daemon.exited;
    const left = daemon.logs.slice(since);
    assert.equal(
      left.some(({ msg }) => msg === "upgraded"),
      true,
    );
    assert.equal(await bodyAt(staying), "hello");
    const socketPath = path.join(folder, "comes.sock");
    assert.equal(await bodyAt({ socketPath }), "hello");
    assert.deepEqual(socketsIn(folder), ["comes.sock", "stays.sock"]);
    const { mode } = fs.statSync(path.join(folder, "stays.sock"));
    assert.equal(mode & 0o777, 0o660);
    await daemon.stop();
    assert.deepEqual(socketsIn(folder), []);
  });

  test("are all given up where one cannot be had", async (t) => {
    const { daemon } = await startWith(t, { listen: [{ port: 0 }] });
    const [taken] = daemon.addresses as [{ port: number }];
    const folder = projectFolder(t);
    const listen = [{ socketPath: "run.sock" }, { port: taken.port }];
    const content = JSON.stringify({ listen, admin: { port: 0 } });
    fs.writeFileSync(path.join(folder, "remuda.config.json"), content);
    const { code, stderr } = await runCli(["start", APP], { cwd: folder });
    assert.equal(code, 2);
    assert.match(stderr, /cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
    assert.equal(fs.existsSync(path.join(folder, "run.sock")), false);
    await daemon.stop();
  });

  test(`lose no request over ${UPGRADES} upgrades of the master`, async (t) => {
    const listen = (await oneOfEach()).map((entry) => {
      return { ...entry, headTimeoutMs: 10_000 };
    });
    const folder = projectFolder(t);
    const admin = { socketPath: "admin.sock", socketMode: "0600" };
    const drain = { preStopDelayMs: 0, lingerMs: 2_000 };
    const content = JSON.stringify({ workers: 2, listen, admin, drain });
    fs.writeFileSync(path.join(folder, "remuda.config.json"), content);
    const daemon = await startDaemon({
      ...{ app: APP, cwd: folder, hasList: true },
      args: ["--admin-socket-path", path.join(folder, "admin.sock")],
    });
    const atAdmin = { socketPath: path.join(folder, "admin.sock") };
    const status = async () => {
      const bytes = "GET /status HTTP/1.1\r\nHost: a\r\n\r\n";
      const text = await bodyAt(atAdmin, bytes);
      return JSON.parse(text) as UpgradeStatus;
    };
    const clients = daemon.addresses.slice(0, 4).map((address, index) => {
      return startStrictLoad({ address }, { connections: 8, seed: index + 1 });
    });
    t.after(() => Promise.all(clients.map((client) => client.stop())));
    for (let upgrade = 0; upgrade < UPGRADES; upgrade++) {
      const { pid } = await status();
      process.kill(pid, "SIGUSR2");
      const hasChanged = async () => {
        const now = await status();
        return now.pid !== pid && now.upgrade.predecessorPid === null;
      };
      const what = "the old master to leave";
      await waitUntil(hasChanged, { what, timeoutMs: 60_000 });
    }
    const reports = await Promise.all(clients.map((client) => client.stop()));
    for (const report of reports) {
      assert.deepEqual(report.failures, []);
      assert.equal(report.failureCount, 0);
      assert.ok(report.answered > 20, `${report.answered} answered`);
    }
    const answered = reports.map((report) => report.answered).join(" + ");
    t.diagnostic(`${answered} answered, 0 failed, ${UPGRADES} upgrades`);
    const mode = (name: string) => {
      return fs.statSync(path.join(folder, name)).mode & 0o777;
    };
    assert.deepEqual([mode("run.sock"), mode("admin.sock")], [0o660, 0o600]);
    await daemon.stop();
    assert.deepEqual(socketsIn(folder), []);
  });

  test(`lose no request over ${ROLLS} rolls`, async (t) => {
    const listen = (await oneOfEach()).map((entry) => {
      return { ...entry, headTimeoutMs: 10_000 };
    });
    const { daemon, folder } = await startWith(t, {
      listen,
      drain: { preStopDelayMs: 0 },
    });
    const clients = daemon.addresses.map((address, index) => {
      return startStrictLoad({ address }, { connections: 8, seed: index + 1 });
    });
    t.after(() => Promise.all(clients.map((client) => client.stop())));
    for (let roll = 0; roll < ROLLS; roll++) {
      await reload(daemon);
      await delay(1_000);
    }
    const reports = await Promise.all(clients.map((client) => client.stop()));
    for (const report of reports) {
      assert.deepEqual(report.failures, []);
      assert.equal(report.failureCount, 0);
      assert.equal(report.idleResets, 0);
      assert.ok(report.answered > 20, `${report.answered} answered`);
    }
    const answered = reports.map((report) => report.answered).join(" + ");
    t.diagnostic(`${answered} answered, 0 failed, ${ROLLS} rolls`);
    await daemon.stop();
    assert.deepEqual(socketsIn(folder), []);
  });
});
