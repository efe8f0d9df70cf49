import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { ConnectionFlood } from "../support/connection-flood.ts";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { descriptorsAtMost } from "../support/descriptors-at-most.ts";
import { projectFolder } from "../support/project-folder.ts";
import { exchange } from "../support/raw-exchange.ts";
import { reload } from "../support/reload.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import { tlsFixture } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";

const LIMIT = 200;
const PER_LISTENER = 200;
const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const PROXIED = `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n${GET}`;
const DROPPED = "server_connections_dropped_total";
const CLOSED = "connections are closed unserved";

const APP = `
  import { closeSync, openSync } from "node:fs";
  import { createApp, ok } from "remuda";
  const app = createApp();
  const held = [];
  app.get("/", () => ok(String(process.pid)));
  const hold = () => {
    try {
      while (true) held.push(openSync("/dev/null", "r"));
    } catch (error) {
      return error.code;
    }
  };
  app.get("/hold-all", async () => {
    // Also those that something else used for a moment.
    for (let before = -1; before < held.length; ) {
      before = held.length;
      hold();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return ok(hold());
  });
  app.get("/release", () => {
    for (const fd of held.splice(0)) closeSync(fd);
    return ok();
  });
  export default app;
`;

after(stopAllDaemons);

/** In the clear, on a unix socket, over TLS and behind a proxy. */
function listeners(scheduling: string): object[] {
  const tls = {
    certFile: tlsFixture("server.pem"),
    keyFile: tlsFixture("server.key"),
  };
  const proxied = { proxyProtocol: "required", trustProxy: ["127.0.0.1"] };
  return [
    { port: 0, scheduling },
    { socketPath: "web.sock", scheduling },
    { port: 0, tls, scheduling },
    { port: 0, ...proxied, scheduling },
  ];
}

function start(t: TestContext, settings: object): Promise<Daemon> {
  const folder = projectFolder(t);
  const drain = { preStopDelayMs: 0, lingerMs: 500, deadlineMs: 2_000 };
  const content = JSON.stringify({ workers: 2, drain, ...settings });
  writeFileSync(path.join(folder, "app.mjs"), APP);
  writeFileSync(path.join(folder, "remuda.config.json"), content);
  return startDaemon({
    cwd: folder,
    app: "app.mjs",
    hasList: true,
    launcher: descriptorsAtMost(LIMIT),
  });
}

async function statusAt(address: ServerAddress, bytes: string) {
  const options = { responses: 1, timeoutMs: 20_000 } as const;
  const { responses } = await exchange(address, bytes, options);
  return responses[0]?.status;
}

/** All have given back what connections took. */
async function untilFree(daemon: Daemon, atMost: number): Promise<void> {
  const counts = () => {
    return daemon.processes().map(({ pid }) => {
      return readdirSync(`/proc/${pid}/fd`).length;
    });
  };
  await waitUntil(() => counts().every((count) => count <= atMost), {
    what: `no more than ${atMost} descriptors`,
    timeoutMs: 10_000,
  });
}

describe("more connections than descriptors", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`harm nothing beyond themselves: ${scheduling}`, async (t) => {
      const daemon = await start(t, { listen: listeners(scheduling) });
      const { addresses } = daemon;
      const flood = () => {
        return Promise.all(
          addresses.map((each) => ConnectionFlood.open(each, PER_LISTENER)),
        );
      };
      const first = await flood();
      await waitUntil(async () => (await daemon.metricSum(DROPPED)) > 0, {
        what: "dropped connections to be counted",
      });
      assert.equal((await daemon.get("/livez")).status, 200);
      await reload(daemon, "reloaded");
      const second = await flood();
      const since = daemon.logs.length;
      process.kill(daemon.pid, "SIGUSR2");
      await daemon.waitForLog("upgraded", { since, timeoutMs: 40_000 });
      for (const each of [...first, ...second]) await each.leave();
      await daemon.waitForLog("the old master has left", {
        since,
        timeoutMs: 20_000,
      });

      for (const [at, address] of addresses.entries()) {
        const bytes = at === 3 ? PROXIED : GET;
        const asked = Array.from({ length: 5 }, () => statusAt(address, bytes));
        assert.deepEqual(await Promise.all(asked), Array(5).fill(200));
      }
      await untilFree(daemon, 60);
      const closeLines = daemon.logs.filter(({ msg }) => msg === CLOSED);
      const [closeLine] = closeLines;
      assert.equal(closeLine?.descriptorLimit, LIMIT);
      // Each process says each reason once for each of the two floods.
      const reasons = closeLines.map(({ pid, reason }) => `${pid} ${reason}`);
      assert.ok(reasons.length <= 2 * new Set(reasons).size, `${reasons}`);
      const counted = await daemon.metricSum(DROPPED);
      const ended = [...first, ...second].reduce((sum, each) => {
        return sum + each.ended;
      }, 0);
      assert.ok(counted > ended / 2, `${counted} counted of ${ended}`);
      await daemon.stop({ timeoutMs: 20_000 });
    });
  }
});

test("more connections to the ports of the master leave it what a reload needs", async (t) => {
  const daemon = await start(t, { listen: [{ port: 0 }] });
  const floods = await Promise.all([
    ConnectionFlood.open({ port: daemon.adminPort }, PER_LISTENER),
    ConnectionFlood.open({ socketPath: daemon.controlSocketPath }, 100),
  ]);
  await reload(daemon, "reloaded");
  for (const each of floods) await each.leave();
  await waitUntil(async () => (await daemon.get("/livez")).status === 200, {
    what: "the admin port to answer again",
  });
  await untilFree(daemon, 60);
  await daemon.stop();
});

describe("a worker whose app takes all descriptors", () => {
  test("leaves connections to the others, and gets some again when it has", async (t) => {
    const listen = [{ port: 0 }];
    const daemon = await start(t, { listen, maxConnections: 0 });
    const { address } = daemon;
    const workers: Keeping[] = [];
    while (workers.length < 2) {
      const one = await Keeping.open(address);
      if (workers.some(({ pid }) => pid === one.pid)) one.leave();
      else workers.push(one);
    }
    const [one, two] = workers as [Keeping, Keeping];
    assert.equal(await one.ask("/hold-all"), "EMFILE");
    for (let asked = 0; asked < 10; asked++) {
      const other = await Keeping.open(address);
      assert.equal(other.pid, two.pid);
      other.leave();
    }
    const redispatched = "server_connections_redispatched_total";
    assert.ok((await daemon.metricSum(redispatched)) > 0);
    assert.equal(await daemon.metricSum(DROPPED), 0);

    assert.equal(await two.ask("/hold-all"), "EMFILE");
    const refused = await exchange(address, GET, { untilClosed: true });
    assert.equal(refused.raw.length, 0);
    const labels = { reason: "worker_refused" };
    assert.equal(await daemon.metricSum(DROPPED, labels), 1);
    await daemon.waitForLog(CLOSED);

    for (const each of workers) await each.ask("/release");
    assert.equal(await statusAt(address, GET), 200);
    for (const each of workers) each.leave();
    await untilFree(daemon, 60);
    await daemon.stop();
  });
});

/** A connection that is kept, and the worker that has it. */
class Keeping {
  readonly #socket;
  pid = "";

  private constructor(address: ServerAddress) {
    this.#socket = connect(address).setEncoding("latin1");
  }

  static async open(address: ServerAddress): Promise<Keeping> {
    const kept = new Keeping(address);
    kept.pid = await kept.ask("/");
    return kept;
  }

  /** The body of the answer. */
  ask(target: string): Promise<string> {
    this.#socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    return new Promise((resolve, reject) => {
      this.#socket.once("close", () => reject(new Error("closed")));
      this.#socket.once("error", reject);
      this.#socket.once("data", (answer) => {
        this.#socket.removeAllListeners();
        resolve(String(answer).split("\r\n\r\n")[1]?.trim() ?? "");
      });
    });
  }

  leave(): void {
    this.#socket.on("error", () => {}).destroy();
  }
}
