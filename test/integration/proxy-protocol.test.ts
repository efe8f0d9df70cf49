/**
 * Headers of the PROXY protocol as the real balancers write them: HAProxy's of
 * version 1 and 2, nginx's of version 1. They need haproxy, nginx and nginx's
 * stream module (Debian's haproxy, nginx, libnginx-mod-stream); without them
 * these tests are skipped, but for CI, where they fail.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import type { ForegroundProgram } from "../support/foreground-program.ts";
import { freePort } from "../support/free-port.ts";
import { haproxySkipReason, startHaproxy } from "../support/haproxy.ts";
import { nginxSkipReason, startNginx } from "../support/nginx.ts";
import { exchange } from "../support/raw-exchange.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import {
  readTlsFixture,
  TRUSTING,
  tlsFixture,
} from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = path.resolve("test/fixtures/client-app.js");
const ERRORS = "server_proxy_header_errors_total";
const STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";
const GET =
  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.66\r\n\r\n";
const LAST = GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

// All of 127.0.0.0/8 is this machine.
const CLIENT = "127.0.0.66";
const BALANCER = "127.0.0.3";

const FRONTS = [
  ...["v1", "v2", "v2ofTls", "v2ofPlain", "withVectors", "dualStack"],
  ...["passesTls", "toUnix", "http", "nginx"],
] as const;
type Front = (typeof FRONTS)[number];

let daemon: Daemon;
const ports = new Map<Front, number>();
const balancers: ForegroundProgram[] = [];

before(async () => {
  const folder = temporaryFolder();
  for (const front of FRONTS) ports.set(front, await freePort());
  const certificate = path.join(folder, "front.pem");
  const pems = ["server.pem", "server.key"].map(readTlsFixture);
  writeFileSync(certificate, pems.join("\n"));
  const proxied = { proxyProtocol: "required", trustProxy: [BALANCER] };
  const tls = {
    certFile: tlsFixture("server.pem"),
    keyFile: tlsFixture("server.key"),
  };
  const socketPath = path.join(folder, "web.sock");
  const listen = [
    { port: 0, ...proxied },
    { port: 0, ...proxied, tls },
    { socketPath, ...proxied, trustProxy: ["unix"], mode: "0666" },
  ];
  const settings = JSON.stringify({ workers: 1, listen });
  writeFileSync(path.join(folder, "remuda.config.json"), settings);
  daemon = await startDaemon({ app: APP, cwd: folder, hasList: true });
  if (!haproxySkipReason) {
    balancers.push(await haproxy({ certificate, socketPath }));
  }
  if (!nginxStreamSkipReason()) balancers.push(await nginx());
});

after(async () => {
  for (const balancer of balancers) await balancer.stop();
  await stopAllDaemons();
  removeTemporaryFolders();
});

function portOf(front: Front): number {
  return ports.get(front) ?? 0;
}

function haproxy({ certificate, socketPath }: Record<string, string>) {
  const [plain, tls] = daemon.addresses.map((address) => {
    return "port" in address ? `127.0.0.1:${address.port}` : "";
  });
  const from = `source ${BALANCER}`;
  const front = (name: Front, server: string, bind = "") => `
    listen ${name}
      bind 127.0.0.1:${portOf(name)} ${bind}
      server it ${server}
  `;
  const ofTls = `ssl crt ${certificate}`;
  const vectors = "crc32c,ssl,ssl-cipher,authority,unique-id";
  const config = `
    global
      log stdout format raw local0 notice
    defaults
      log global
      timeout connect 2s
      timeout client 2s
      timeout server 2s
      timeout check 5s
      unique-id-format %{+X}o%ci:%cp_%fi:%fp_%Ts_%rt:%pid
    ${front("v1", `${plain} ${from} send-proxy`)}
    ${front("v2", `${plain} ${from} send-proxy-v2`)}
    ${front("v2ofTls", `${plain} ${from} send-proxy-v2-ssl`, ofTls)}
    ${front("v2ofPlain", `${plain} ${from} send-proxy-v2-ssl`)}
    ${front(
      "withVectors",
      `${plain} ${from} send-proxy-v2 proxy-v2-options ${vectors}`,
      ofTls,
    )}
    ${front("passesTls", `${tls} ${from} send-proxy-v2`)}
    ${front("toUnix", `unix@${socketPath} send-proxy-v2`)}
    listen dualStack
      bind [::]:${portOf("dualStack")} v4v6
      server it ${plain} ${from} send-proxy
    listen http
      mode http
      bind 127.0.0.1:${portOf("http")}
      http-reuse always
      option httpchk GET /
      default-server check check-send-proxy inter 100ms
      server v1 ${plain} ${from} send-proxy
      server v2 ${plain} ${from} send-proxy-v2
      server unix unix@${socketPath} send-proxy-v2
  `;
  return startHaproxy({ config, address: { port: portOf("v1") } });
}

/** For `skip`: the module is another package than nginx. */
function nginxStreamSkipReason(): string | false {
  if (nginxSkipReason) return nginxSkipReason;
  if (existsSync(STREAM_MODULE) || process.env.CI === "true") return false;
  return "nginx has no stream module";
}

function nginx() {
  const [address] = daemon.addresses;
  assert.ok(address && "port" in address);
  const config = `
    load_module ${STREAM_MODULE};
    user root;
    worker_processes 1;
    error_log stderr crit;
    events {}
    stream {
      server {
        listen 127.0.0.1:${portOf("nginx")};
        proxy_pass 127.0.0.1:${address.port};
        proxy_bind ${BALANCER};
        proxy_protocol on;
      }
    }
  `;
  return startNginx({ config, address: { port: portOf("nginx") } });
}

/** What the app is told of a client who asks twice. */
async function told(front: Front, tls?: typeof TRUSTING) {
  const address: ServerAddress = {
    ...{ port: portOf(front), localAddress: CLIENT },
    ...(tls && { tls }),
  };
  const { responses } = await exchange(address, GET + LAST, {
    untilClosed: true,
  });
  return responses.map(({ body }) => {
    const { remoteAddress, protocol } = JSON.parse(String(body));
    return `${protocol} ${remoteAddress}`;
  });
}

function twice(text: string): string[] {
  return [text, text];
}

describe("HAProxy tells of its client", { skip: haproxySkipReason }, () => {
  test("by version 1", async () => {
    assert.deepEqual(await told("v1"), twice(`http ${CLIENT}`));
  });

  test("by version 2", async () => {
    assert.deepEqual(await told("v2"), twice(`http ${CLIENT}`));
  });

  test("by version 2, on a Unix socket", async () => {
    assert.deepEqual(await told("toUnix"), twice(`http ${CLIENT}`));
  });

  test("who spoke TLS with it, or not", async () => {
    const overTls = await told("v2ofTls", TRUSTING);
    assert.deepEqual(overTls, twice(`https ${CLIENT}`));
    assert.deepEqual(await told("v2ofPlain"), twice(`http ${CLIENT}`));
  });

  test("with a checksum and all else that it can say", async () => {
    const seen = await told("withVectors", TRUSTING);
    assert.deepEqual(seen, twice(`https ${CLIENT}`));
  });

  test("who speaks TLS with the server itself", async () => {
    const seen = await told("passesTls", TRUSTING);
    assert.deepEqual(seen, twice(`https ${CLIENT}`));
  });

  test("whose address of IPv4 is within one of IPv6", async () => {
    assert.deepEqual(await told("dualStack"), twice(`http ${CLIENT}`));
  });

  test("and keeps clients apart where it reads their requests", async () => {
    const clients = ["127.0.0.71", "127.0.0.72", "127.0.0.73"];
    const sockets = clients.map((localAddress) => {
      return connect({ port: portOf("http"), localAddress });
    });
    for (let round = 0; round < 4; round++) {
      for (const [index, socket] of sockets.entries()) {
        socket.write(GET);
        const [answer] = await once(socket, "data");
        const seen = JSON.parse(String(answer).split("\r\n\r\n")[1] ?? "");
        assert.equal(seen.remoteAddress, clients[index]);
      }
    }
    for (const socket of sockets) socket.destroy();
  });

  test("and its health checks pass", async () => {
    const requests = "http_server_request_duration_seconds_count";
    const before = await daemon.metricSum(requests);
    const haveCome = async () =>
      (await daemon.metricSum(requests)) >= before + 10;
    await waitUntil(haveCome, { what: "ten checks" });
    assert.doesNotMatch(balancers[0]?.output ?? "", /is DOWN/);
    assert.equal(await daemon.metricSum(ERRORS), 0);
  });
});

describe("nginx tells of its client", { skip: nginxStreamSkipReason() }, () => {
  test("by version 1", async () => {
    assert.deepEqual(await told("nginx"), twice(`http ${CLIENT}`));
  });
});
