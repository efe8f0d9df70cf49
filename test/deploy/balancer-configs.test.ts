/** The balancers' configurations in deploy/: valid, and in agreement. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadSettings } from "../../src/shared/config/load-settings.ts";
import { maxBodyBytesOf } from "../../src/shared/config/max-body-bytes.ts";
import {
  deployedFile,
  haproxyConfig,
  nginxConfig,
} from "../support/deployed-config.ts";
import { freePort } from "../support/free-port.ts";
import { haproxySkipReason } from "../support/haproxy.ts";
import { nginxSkipReason } from "../support/nginx.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { tlsFixture } from "../support/tls-fixtures.ts";

const folder = path.resolve(fileURLToPath(import.meta.url), "../../../deploy");
const haproxy = deployedFile("haproxy.cfg");
const nginx = deployedFile("nginx.conf");
const INSTANCES = [{ port: 8001, agentPort: 9001 }, { port: 8002 }];
// nginx -t listens, so that must be possible.
const HERE = {
  listen: `127.0.0.1:${await freePort()}`,
  instances: INSTANCES,
};

after(removeTemporaryFolders);

/** What the program says of it; nothing is listened on. */
function checkHaproxy(config: string): void {
  const file = path.join(temporaryFolder(), "haproxy.cfg");
  writeFileSync(file, config);
  const args = ["-c", "-f", file];
  const { status, stderr } = spawnSync("haproxy", args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /WARNING|ALERT/);
}

function checkNginx(config: string): void {
  const cwd = temporaryFolder();
  writeFileSync(path.join(cwd, "nginx.conf"), config);
  const args = ["-t", "-p", `${cwd}/`, "-c", "nginx.conf", "-e", "stderr"];
  const asRun = [...args, "-g", "pid nginx.pid;"];
  const { status, stderr } = spawnSync("nginx", asRun, {
    encoding: "utf8",
    // Its log goes to /dev/stdout, which must not be a socket.
    stdio: ["ignore", "ignore", "pipe"],
  });
  assert.equal(status, 0, stderr);
  // As another user it warns that "user" has no effect; there is none in it.
  assert.doesNotMatch(stderr, /\[(warn|emerg|error)\]/);
}

/** The one group of a match, in milliseconds. */
function msIn(text: string, pattern: RegExp): number {
  const [, count, unit] = pattern.exec(text) ?? [];
  assert.ok(count && unit, `${pattern} is not in the file`);
  const factor = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[unit];
  return Number(count) * (factor ?? Number.NaN);
}

const haproxyMs = (name: string) => {
  return msIn(haproxy, new RegExp(`^[^#\\n]*\\b${name} (\\d+)(ms|s|m|h)`, "m"));
};
const nginxMs = (name: string) => {
  return msIn(nginx, new RegExp(`^ +${name} +(\\d+)(ms|s|m|h);`, "m"));
};

async function settingsOfExample() {
  const { settings } = await loadSettings({
    cwd: folder,
    env: {},
    flags: new Map(),
    configPath: path.join(folder, "remuda.config.js"),
  });
  return settings;
}

describe("haproxy.cfg", { skip: haproxySkipReason }, () => {
  test("is valid as it is, without a warning", () => {
    checkHaproxy(haproxy);
  });

  test("is valid with what its comments offer", () => {
    checkHaproxy(haproxyConfig({ ...HERE, sendsProxyHeader: true }));
    checkHaproxy(haproxyConfig({ ...HERE, hasNoRetries: true }));
    const certificates = path.join(temporaryFolder(), "server.pem");
    writeFileSync(
      certificates,
      ["server.pem", "server.key"]
        .map((name) => readFileSync(tlsFixture(name)))
        .join("\n"),
    );
    const overTls = haproxy
      .replace("#bind :443", "bind :443")
      .replace("#http-request redirect", "http-request redirect")
      .replace("/etc/haproxy/certs", certificates);
    assert.match(overTls, /^ +bind :443 ssl.*\n +http-request redirect/m);
    checkHaproxy(overTls);
  });
});

describe("nginx.conf", { skip: nginxSkipReason }, () => {
  test("is valid as it is, without a warning", () => {
    checkNginx(nginxConfig({ ...HERE }));
  });

  test("is valid with what its comments offer", async () => {
    checkNginx(nginxConfig({ ...HERE, hasNoRetries: true }));
    const overTls = nginxConfig(HERE)
      .replaceAll(/#(?=listen 443|ssl_certificate)/g, "")
      .replace("listen 443", `listen 127.0.0.1:${await freePort()}`)
      .replace("/etc/nginx/tls/fullchain.pem", tlsFixture("server.pem"))
      .replace("/etc/nginx/tls/privkey.pem", tlsFixture("server.key"));
    assert.match(overTls, /^ +listen 127\.0\.0\.1:\d+ ssl/m);
    checkNginx(overTls);
  });
});

describe("the time-outs agree", () => {
  test("an idle connection is closed by the balancer, never by us", async () => {
    const { loadBalancerIdleMs, keepAliveTimeoutMs, drain } =
      await settingsOfExample();
    assert.ok(loadBalancerIdleMs < keepAliveTimeoutMs);
    assert.ok(loadBalancerIdleMs < drain.deadlineMs);
    const upstream = /upstream app \{.*?\n {4}\}/s.exec(nginx)?.[0] ?? "";
    const idleMs = msIn(upstream, /^ +keepalive_timeout (\d+)(s);/m);
    assert.ok(idleMs <= loadBalancerIdleMs);
    // Half of those that nobody needs, each time.
    const halvings = loadBalancerIdleMs / haproxyMs("pool-purge-delay");
    assert.ok(halvings >= 15, `${halvings}`);
  });

  test("an instance is seen to be not ready before it stops", async () => {
    const { drain, readinessPath, shedExemptPaths } = await settingsOfExample();
    const [, fall] = / fall (\d)/.exec(haproxy) ?? [];
    const seenAfterMs =
      haproxyMs("inter") +
      (Number(fall) - 1) * haproxyMs("fastinter") +
      Number(fall) * haproxyMs("timeout check");
    assert.ok(seenAfterMs < drain.preStopDelayMs, `${seenAfterMs} ms`);
    assert.match(haproxy, new RegExp(`httpchk|meth GET uri ${readinessPath} `));
    assert.match(haproxy, new RegExp(`404 if \\{ path ${readinessPath} }`));
    assert.match(nginx, new RegExp(`location = ${readinessPath} \\{`));
    assert.ok(shedExemptPaths.includes(readinessPath ?? ""));
  });

  test("the server answers before the balancer gives up", async () => {
    const settings = await settingsOfExample();
    const { handlerTimeoutMs, bodyTimeoutMs, headTimeoutMs } = settings;
    assert.ok(haproxyMs("timeout server") > handlerTimeoutMs);
    assert.ok(haproxyMs("timeout client") > bodyTimeoutMs);
    assert.ok(nginxMs("proxy_read_timeout") > handlerTimeoutMs);
    assert.ok(nginxMs("proxy_send_timeout") > bodyTimeoutMs);
    assert.equal(haproxyMs("timeout http-request"), headTimeoutMs);
    assert.equal(nginxMs("client_header_timeout"), headTimeoutMs);
    assert.equal(nginxMs("client_body_timeout"), bodyTimeoutMs);
    assert.equal(nginxMs("send_timeout"), settings.writeTimeoutMs);
    const [, kib] = /large_client_header_buffers \d (\d+)k;/.exec(nginx) ?? [];
    assert.equal(Number(kib) * 1024, settings.maxHeadBytes);
    const [, mib] = /client_max_body_size (\d+)m;/.exec(nginx) ?? [];
    assert.equal(Number(mib) * 1024 ** 2, maxBodyBytesOf(settings));
  });

  test("the agent is asked where it answers", async () => {
    const { agentCheck } = await settingsOfExample();
    assert.match(haproxy, new RegExp(`agent-port ${agentCheck.port}\\b`));
  });

  test("a server has enough weight for the agent to want some of it", () => {
    const [, weight] = /default-server weight (\d+)/.exec(haproxy) ?? [];
    assert.ok(Number(weight) >= 100, "10% must not be 0");
  });
});
