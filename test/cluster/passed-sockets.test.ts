import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, type TestContext, test } from "node:test";
import { inodeOfSocket } from "../../src/master/sockets/bound-address.ts";
import { ListenSocket } from "../../src/master/sockets/listen-socket.ts";
import {
  type Daemon,
  type DaemonOptions,
  startDaemon,
  stopAllDaemons,
} from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { httpGet } from "../support/http-get.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const ACTIVATOR = "systemd-socket-activate";
const noActivator =
  spawnSync(ACTIVATOR, ["--version"]).status === 0
    ? false
    : `${ACTIVATOR} is not installed: apt-get install systemd`;
/** LISTEN_PID is that of the process which will have the sockets. */
const PASSING = ["sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"'];
/** What the program starts with an environment of its own. */
const KEPT = ["TEST_DAEMON_MARK", "REMUDA_RUNTIME_DIR"];
const SECONDS = 1_000;
const DEADLINE_MS = 5 * SECONDS;

after(stopAllDaemons);
after(removeTemporaryFolders);

/** Waits until somebody listens; what is sent waits until somebody accepts. */
function ask(port: number, url: string): Promise<string> {
  return waitUntil(
    async () => {
      const answer = await httpGet(port, url, 30 * SECONDS);
      return `${answer.status} ${answer.body}`;
    },
    { what: "somebody to listen", timeoutMs: 60 * SECONDS },
  );
}

function activated(...addresses: string[]): string[] {
  return [
    ACTIVATOR,
    ...KEPT.flatMap((name) => ["-E", name]),
    ...addresses.flatMap((address) => ["-l", address]),
  ];
}

describe("sockets of a supervisor", { skip: noActivator }, () => {
  test("are listened on, and the first client is answered", async () => {
    const port = await freePort();
    const listen = ["--port", String(port), "--workers", "2"];
    const starting = startDaemon({
      app: "test/fixtures/load-app.js",
      args: listen,
      launcher: activated(`127.0.0.1:${port}`),
    });
    assert.equal(await ask(port, "/"), "200 hello");
    const daemon = await starting;
    assert.equal(daemon.port, port);
    assert.equal(await ask(port, "/"), "200 hello");
    await daemon.stop();
  });

  test("may be several, and those of the master", async () => {
    const [port, admin, agent] = (await Promise.all(
      [1, 2, 3].map(() => freePort()),
    )) as [number, number, number];
    const starting = startDaemon({
      app: "test/fixtures/load-app.js",
      args: [
        ...["--port", String(port), "--workers", "1"],
        ...["--admin-port", String(admin)],
        ...["--agent-check-port", String(agent)],
      ],
      launcher: activated(
        ...[admin, agent, port].map((each) => `127.0.0.1:${each}`),
      ),
    });
    assert.equal(await ask(port, "/"), "200 hello");
    const daemon = await starting;
    assert.equal((await httpGet(admin, "/readyz")).status, 200);
    const answer = await text(net.connect(agent, "127.0.0.1"));
    assert.match(answer, /^up ready \d+%\n$/);
    await daemon.stop();
  });

  test("may be unix sockets, whose files are not ours", async () => {
    const socketPath = path.join(temporaryFolder(), "web.sock");
    const starting = startDaemon({
      args: ["--socket-path", socketPath, "--workers", "1"],
      launcher: activated(socketPath),
    });
    await waitUntil(() => existsSync(socketPath), { what: "the socket" });
    // Who comes first starts the daemon.
    const client = net.connect(socketPath);
    const daemon = await starting;
    client.destroy();
    await daemon.stop();
    assert.ok(existsSync(socketPath));
  });

  test("that no listener is for are refused, with their names", async () => {
    const [port, other] = [await freePort(), await freePort()];
    const starting = startDaemon({
      args: ["--port", String(port)],
      launcher: [
        ...activated(`127.0.0.1:${other}`, `127.0.0.1:${port}`),
        "--fdname=odd:web",
      ],
    });
    starting.catch(() => {});
    const client = await waitUntil(() => connected(port), { what: "it" });
    const passed = `descriptor 3 (odd) on 127.0.0.1:${other}`;
    await assert.rejects(starting, (error: Error) => {
      const message = `LISTEN_FDS passes sockets that no listener uses: ${passed}`;
      assert.match(error.message, new RegExp(escaped(message)));
      return true;
    });
    client.destroy();
  });
});

function escaped(text: string): string {
  return text.replace(/[()]/g, "\\$&");
}

function connected(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
  });
}

for (const scheduling of ["balanced", "shared"] as const) {
  describe(`a socket of a supervisor, "${scheduling}"`, () => {
    test("outlives a master that is killed: clients wait", async (t) => {
      const held = await hold(t);
      const first = await startOn(held, scheduling);
      const inFlight = httpGet(held.port, "/slow/2000", 20 * SECONDS);
      await waitUntil(
        async () => (await first.metricSum("http_server_active_requests")) > 0,
        { what: "a request in flight" },
      );
      first.signal("SIGKILL");
      await first.exited;
      const waiting = Array.from({ length: 20 }, () => {
        return httpGet(held.port, "/", 20 * SECONDS);
      });
      const second = await startOn(held, scheduling);
      for (const { status } of await Promise.all(waiting)) {
        assert.equal(status, 200);
      }
      const { status, body } = await inFlight;
      assert.deepEqual([status, body], [200, "slow"], "it was finished");
      const what = "the workers of the dead master to leave";
      const areGone = () => first.processes().length === 0;
      await waitUntil(areGone, { what, timeoutMs: DEADLINE_MS + 5 * SECONDS });
      assert.equal((await httpGet(held.port, "/")).status, 200);
      await second.stop();
    });

    test("is in no worker by accident", async (t) => {
      const held = await hold(t);
      const daemon = await startOn(held, scheduling);
      const inode = inodeOfSocket(held.socket.fd);
      const copies = daemon.workerPids().map((pid) => {
        const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
          try {
            return readlinkSync(`/proc/${pid}/fd/${fd}`);
          } catch {
            return ""; // closed meanwhile
          }
        });
        return links.filter((link) => link === `socket:[${inode}]`).length;
      });
      const each = scheduling === "shared" ? 1 : 0;
      assert.deepEqual(copies, [each, each]);
      await daemon.stop();
    });
  });
}

interface Held {
  readonly socket: ListenSocket;
  readonly port: number;
}

/** This process is the supervisor: it binds, and never accepts. */
async function hold(t: TestContext): Promise<Held> {
  const socket = await ListenSocket.open({
    address: { host: "127.0.0.1", port: 0 },
    backlog: 511,
    scheduling: "shared",
    onConnection: () => {},
    onAcceptError: () => {},
  });
  t.after(() => socket.close());
  return { socket, port: Reflect.get(socket.address, "port") };
}

function startOn(
  { socket, port }: Held,
  scheduling: "balanced" | "shared",
): Promise<Daemon> {
  const options: DaemonOptions = {
    app: "test/fixtures/load-app.js",
    args: [
      ...["--port", String(port), "--workers", "2"],
      ...["--scheduling", scheduling, "--drain-linger-ms", "2000"],
      ...["--drain-deadline-ms", String(DEADLINE_MS)],
    ],
    launcher: PASSING,
    env: { LISTEN_FDS: "1" },
    fds: [socket.fd],
  };
  return startDaemon(options);
}
