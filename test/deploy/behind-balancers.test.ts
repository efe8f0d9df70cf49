/**
 * Instances with deploy/remuda.config.js behind the balancers of deploy/. What
 * is lost when they are upgraded is the matter of test/lb.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { haproxyConfig, nginxConfig } from "../support/deployed-config.ts";
import type { ForegroundProgram } from "../support/foreground-program.ts";
import { freePort } from "../support/free-port.ts";
import { haproxySkipReason, startHaproxy } from "../support/haproxy.ts";
import { httpGet } from "../support/http-get.ts";
import { nginxSkipReason, startNginx } from "../support/nginx.ts";
import { projectFolder } from "../support/project-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const config = path.resolve(
  fileURLToPath(import.meta.url),
  "../../../deploy/remuda.config.js",
);
const REQUESTS = 40;

// What comes in, and an echo over a WebSocket.
const APP = `
  import { createApp, incomingMessage, ok } from "remuda";
  import { WebSocketServer } from "ws";
  const sockets = new WebSocketServer({ noServer: true });
  const app = createApp();
  app.get("/", (request) => {
    return ok({ pid: process.ppid, fields: [...request.headers] });
  });
  app.upgrade("/echo", (request, socket, head) => {
    const message = incomingMessage(request, socket);
    sockets.handleUpgrade(message, socket, head, (client) => {
      client.on("message", (data) => client.send(data));
    });
  });
  export default app;
`;

/** What a client would like to be taken for. */
const LIES = {
  Forwarded: "for=203.0.113.9;proto=https",
  "X-Forwarded-For": "203.0.113.9",
  "X-Forwarded-Host": "bank.example",
  "X-Forwarded-Proto": "https",
};

after(stopAllDaemons);

interface Fleet {
  readonly instances: readonly Daemon[];
  readonly balancer: ForegroundProgram;
  readonly port: number;
}

interface Status {
  readonly agentCheck: { readonly port: number };
}

async function startInstance(t: TestContext): Promise<Daemon> {
  const cwd = projectFolder(t);
  writeFileSync(path.join(cwd, "app.mjs"), APP);
  const trusting = ["--trust-proxy", "127.0.0.1"];
  return startDaemon({
    cwd,
    app: "app.mjs",
    args: [
      ...["--config", config, "--host", "127.0.0.1", "--port", "0"],
      ...["--workers", "1", "--agent-check-port", "0", ...trusting],
      ...["--drain-pre-stop-delay-ms", "30000"],
    ],
  });
}

async function start(
  t: TestContext,
  [configFor, run]:
    | readonly [typeof haproxyConfig, typeof startHaproxy]
    | readonly [typeof nginxConfig, typeof startNginx],
): Promise<Fleet> {
  const [one, two] = await Promise.all([startInstance(t), startInstance(t)]);
  const instances = [one, two];
  const places = instances.map(async (each) => {
    const { agentCheck } = await each.status<Status>();
    return { port: each.port, agentPort: agentCheck.port };
  });
  const port = await freePort();
  const listen = `127.0.0.1:${port}`;
  const balancer = await run({
    config: configFor({
      listen,
      instances: await Promise.all(places),
      hasNoRetries: true,
    }),
    address: { port },
  });
  t.after(() => balancer.stop());
  return { instances, balancer, port };
}

/** On one connection; what the app saw of each. */
async function ask(port: number, count: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const seen: { pid: number; fields: Record<string, string> }[] = [];
  for (let index = 0; index < count; index++) {
    const options = { host: "127.0.0.1", port, agent, headers: LIES };
    const [response] = await once(http.get(options), "response");
    const body = await text(response);
    assert.equal(response.statusCode, 200, body);
    const { pid, fields } = JSON.parse(body);
    seen.push({ pid, fields: Object.fromEntries(fields) });
  }
  agent.destroy();
  return seen;
}

async function behavesWell({ instances, port }: Fleet): Promise<void> {
  const seen = await ask(port, REQUESTS);
  const pids = new Set(seen.map(({ pid }) => pid));
  assert.deepEqual(pids, new Set(instances.map(({ pid }) => pid)));
  for (const { fields } of seen) {
    const names = Object.keys(fields).filter((n) => /forward/i.test(n));
    assert.deepEqual(names.sort(), ["x-forwarded-for", "x-forwarded-proto"]);
    assert.equal(fields["x-forwarded-for"], "127.0.0.1");
    assert.equal(fields["x-forwarded-proto"], "http");
    assert.equal(fields.connection, undefined);
  }
  assert.equal((await httpGet(port, "/readyz")).status, 404);
  const accepted = instances.map((each) =>
    each.metricSum("server_connections_accepted_total"),
  );
  const sum = (await Promise.all(accepted)).reduce((a, b) => a + b);
  assert.ok(sum < REQUESTS / 2, `connections are kept: ${sum}`);
  await echoes(port);
}

async function echoes(port: number): Promise<void> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/echo`);
  await once(client, "open");
  client.send("anything");
  const [data] = (await once(client, "message")) as [Buffer];
  assert.equal(data.toString(), "anything");
  client.close();
  await once(client, "close");
}

/** What HAProxy holds of its servers: `UP L7OK L7OK`, by check and agent. */
async function serverStates({ balancer }: Fleet): Promise<string> {
  const socket = net.connect(path.join(balancer.folder, "admin.sock"));
  socket.end("show stat\n");
  const [names = "", ...rows] = (await text(socket)).split("\n");
  const all = names.replace("# ", "").split(",");
  const columns = ["svname", "status", "check_status", "agent_status"];
  return rows
    .map((row) => row.split(","))
    .map((cells) => columns.map((name) => cells[all.indexOf(name)]))
    .filter(([name]) => /^app\d$/.test(name ?? ""))
    .map((values) => values.join(" "))
    .join(", ");
}

describe("behind HAProxy", { skip: haproxySkipReason }, () => {
  test("instances share the requests, and leave before they stop", async (t) => {
    const fleet = await start(t, [haproxyConfig, startHaproxy]);
    const are = (states: RegExp) => async () =>
      states.test(await serverStates(fleet));
    const both = /^app1 UP L7OK L7OK, app2 UP L7OK L7OK$/;
    await waitUntil(are(both), { what: "both to be up" });
    await behavesWell(fleet);
    const [one, two] = fleet.instances;
    one?.signal("SIGTERM");
    const isOut = /^app1 (DRAIN|DOWN).*, app2 UP/;
    await waitUntil(are(isOut), { what: "one to be out" });
    for (const { pid } of await ask(fleet.port, REQUESTS)) {
      assert.equal(pid, two?.pid);
    }
    const isNotReady = /^app1 \S+( \(agent\))? L7STS .*, app2 UP/;
    await waitUntil(are(isNotReady), { what: "the check to fail" });
  });
});

describe("behind nginx", { skip: nginxSkipReason }, () => {
  test("instances share the requests", async (t) => {
    await behavesWell(await start(t, [nginxConfig, startNginx]));
  });
});
