/** What a real HAProxy makes of what the agent-check port says. */
import assert from "node:assert/strict";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { haproxySkipReason, startHaproxy } from "../support/haproxy.ts";
import {
  type HaproxyServer,
  haproxyServers,
} from "../support/haproxy-servers.ts";
import { httpGet } from "../support/http-get.ts";
import { waitUntil } from "../support/wait-until.ts";

const ARGS = ["--agent-check-port", "0", "--workers", "2"];
const LONG_DELAY = ["--drain-pre-stop-delay-ms", "60000"];

after(stopAllDaemons);

interface Status {
  readonly pid: number;
  readonly agentCheck: { readonly port: number; readonly answer: string };
}

/** HAProxy in front of the daemon; what it thinks of it. */
async function watched(t: TestContext, daemon: Daemon) {
  const { agentCheck } = await daemon.status<Status>();
  const port = await freePort();
  const config = (folder: string) =>
    `
    global
      stats socket ${path.join(folder, "stats.sock")}
      log stdout format raw local0
    defaults
      mode http
      log global
      timeout connect 1s
      timeout client 5s
      timeout server 5s
    listen front
      bind 127.0.0.1:${port}
      server app 127.0.0.1:${daemon.port} weight 100 check inter 100ms \\
        agent-check agent-port ${agentCheck.port} agent-inter 100ms
  `.replaceAll("\\\n", " ");
  const haproxy = await startHaproxy({ config, address: { port } });
  t.after(() => haproxy.stop());
  const socketPath = path.join(haproxy.folder, "stats.sock");
  const until = async (
    what: string,
    holds: (server: HaproxyServer) => boolean,
  ) => {
    let last: HaproxyServer | undefined;
    const isSo = async () => {
      [last] = await haproxyServers(socketPath);
      return last !== undefined && holds(last);
    };
    await waitUntil(isSo, { what, timeoutMs: 60_000 });
    return last as HaproxyServer;
  };
  return { haproxy, port, until };
}

const IN_PARALLEL = { skip: haproxySkipReason, concurrency: 3 };

describe("HAProxy's agent-check", IN_PARALLEL, () => {
  test("weighs the server by its load, and drains it from TERM on", async (t) => {
    const daemon = await startDaemon({
      app: "test/fixtures/busy-app.js",
      args: [...ARGS, ...LONG_DELAY],
    });
    const { port, until } = await watched(t, daemon);
    // It may be up by its health check before the agent has been asked.
    const { status } = await until("the weight of an idle one", (server) => {
      return server.weight >= 80 && server.agent === "via agent : up";
    });
    assert.equal(status, "UP");

    const busy = new AbortController();
    const load = [1, 2].map(async () => {
      while (!busy.signal.aborted) await httpGet(daemon.port, "/busy/90");
    });
    await until("less weight while it is busy", ({ weight }) => weight < 75);
    busy.abort();
    await Promise.all(load);

    daemon.signal("SIGTERM");
    await until("a drain", (server) => server.status === "DRAIN (agent)");
    assert.equal((await httpGet(daemon.port, "/")).status, 200);
    assert.equal((await httpGet(port, "/")).status, 503, "nothing new");
    daemon.signal("SIGTERM");
    await daemon.exited;
  });

  test("takes a server without workers out, and back", async (t) => {
    const daemon = await startDaemon({ args: ARGS });
    const { until } = await watched(t, daemon);
    await until("the server to be up", ({ weight }) => weight > 0);
    daemon.signal("SIGWINCH");
    // HAProxy shows no answer while it waits for the next one.
    await until("it to be down", ({ status, agent }) => {
      return status === "DOWN (agent)" && agent.includes("0 of 0 workers");
    });
    daemon.signal("SIGHUP");
    await until("it to be up again", ({ status }) => status === "UP");
  });

  test("is answered by the new master after an upgrade", async (t) => {
    const daemon = await startDaemon({ args: ARGS });
    const { haproxy, until } = await watched(t, daemon);
    await until("the server to be up", ({ weight }) => weight > 0);
    const before = await daemon.status<Status>();
    const since = daemon.logs.length;
    daemon.signal("SIGUSR2");
    await daemon.exited;
    await daemon.waitForLog("the old master has left", { since });
    const after = await daemon.status<Status>();
    assert.notEqual(after.pid, before.pid);
    assert.equal(after.agentCheck.port, before.agentCheck.port);
    assert.doesNotMatch(haproxy.output, /drain|DOWN/);
    // The old one's last word was not "drain": the new one need not undo it.
    const masters = daemon.masterPids();
    assert.deepEqual(masters, [after.pid]);
    process.kill(after.pid, "SIGTERM");
    await until("the new one to drain", ({ status }) => {
      return status === "DRAIN (agent)";
    });
  });
});
