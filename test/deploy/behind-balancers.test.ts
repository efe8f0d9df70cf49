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
    const { remoteAddress, headers } = request;
    return ok({ pid: process.ppid, remoteAddress, fields: [...headers] });
  });
  app.upgrade("/echo", (request, socket, head) => {
    const message = incomingMessage(request, socket);
    sockets.handleUpgrade(message, socket, head, (client) => {
      client.on("message", (data) => client.send(data));
    });
  });
  export default app;
`;

/** Another one than the balancers have. */
const CLIENT = "127.0.0.2";

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

async function startInstance(
  t: TestContext,
  more: readonly string[],
): Promise<Daemon> {
  const cwd = projectFolder(t);
  writeFileSync(path.join(cwd, "app.mjs"), APP);
  const trusting = ["--trust-proxy", "127.0.0.1"];
  return startDaemon({
    cwd,
    app: "app.mjs",
    args: [
      ...["--config", config, "--host", "127.0.0.1", "--port", "0"],
      ...["--workers", "1", "--agent-check-port", "0", ...trusting],
      ...["--drain-pre-stop-delay-ms", "30000", ...more],
    ],
  });
}

interface Setting {
  readonly configFor: typeof haproxyConfig | typeof nginxConfig;
  readonly run: typeof startHaproxy | typeof startNginx;
  readonly sendsProxyHeader?: boolean;
}

async function start(
  t: TestContext,
  { configFor, run, sendsProxyHeader = false }: Setting,
): Promise<Fleet> {
  const more = sendsProxyHeader ? ["--proxy-protocol", "required"] : [];
  const instances = await Promise.all([
    startInstance(t, more),
    startInstance(t, more),
  ]);
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
      sendsProxyHeader,
    }),
    address: { port },
  });
  t.after(() => balancer.stop());
  return { instances, balancer, port };
}

interface Seen {
  readonly pid: number;
  readonly remoteAddress: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** On one connection; what the app saw of each. */
async function ask(port: number, count: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const seen: Seen[] = [];
  for (let index = 0; index < count; index++) {
    const where = { host: "127.0.0.1", port, localAddress: CLIENT };
    const request = http.get({ ...where, agent, headers: LIES });
    const [response] = await once(request, "response");
    const body = await text(response);
    assert.equal(response.statusCode, 200, body);
    const { fields, ...rest } = JSON.parse(body);
    seen.push({ ...rest, fields: Object.fromEntries(fields) });
  }
  agent.destroy();
  return seen;
}

async function behavesWell({ instances, port }: Fleet): Promise<void> {
  const seen = await ask(port, REQUESTS);
  const pids = new Set(seen.map(({ pid }) => pid));
  assert.deepEqual(pids, new Set(instances.map(({ pid }) => pid)));
  for (const { fields, remoteAddress } of seen) {
    assert.equal(remoteAddress, CLIENT);
    const names = Object.keys(fields).filter((n) => /forward/i.test(n));
    assert.deepEqual(names.sort(), ["x-forwarded-for", "x-forwarded-proto"]);
    assert.equal(fields["x-forwarded-for"], CLIENT);
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

const BOTH_UP = /^app1 UP L7OK L7OK, app2 UP L7OK L7OK$/;

async function untilStates(fleet: Fleet, states: RegExp): Promise<void> {
  const are = async () => states.test(await serverStates(fleet));
  await waitUntil(are, { what: `HAProxy to say ${states}` });
}

describe("behind HAProxy", { skip: haproxySkipReason }, () => {
  const setting = { configFor: haproxyConfig, run: startHaproxy };

  test("instances share the requests, and leave before they stop", async (t) => {
    const fleet = await start(t, setting);
    await untilStates(fleet, BOTH_UP);
    await behavesWell(fleet);
    const [one, two] = fleet.instances;
    one?.signal("SIGTERM");
    await untilStates(fleet, /^app1 (DRAIN|DOWN).*, app2 UP/);
    for (const { pid } of await ask(fleet.port, REQUESTS)) {
      assert.equal(pid, two?.pid);
    }
    // By the check as well, if it were not for the agent.
    await untilStates(fleet, /^app1 [^,]* L7STS .*, app2 UP/);
  });

  test("they are told of clients by PROXY headers, too", async (t) => {
    const fleet = await start(t, { ...setting, sendsProxyHeader: true });
    await untilStates(fleet, BOTH_UP);
    await behavesWell(fleet);
  });
});

describe("behind nginx", { skip: nginxSkipReason }, () => {
  test("instances share the requests", async (t) => {
    const setting = { configFor: nginxConfig, run: startNginx };
    await behavesWell(await start(t, setting));
  });
});
