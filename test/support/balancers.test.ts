import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { freePort } from "./free-port.ts";
import { haproxySkipReason, startHaproxy } from "./haproxy.ts";
import { httpGet } from "./http-get.ts";
import { nginxSkipReason, reloadNginx, startNginx } from "./nginx.ts";
import { signalIfAlive } from "./signal-if-alive.ts";

const servers = ["first", "second"].map((name) =>
  http.createServer((_, response) => response.end(name)),
);
let ports: number[] = [];

before(async () => {
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  ports = servers.map((server) => (server.address() as AddressInfo).port);
});

after(() => {
  for (const server of servers) server.close().closeAllConnections();
});

describe("HAProxy", { skip: haproxySkipReason }, () => {
  test("passes requests on, and leaves nothing behind", async () => {
    const port = await freePort();
    const config = `
      global
        log stdout format raw local0
      defaults
        mode http
        log global
        timeout connect 1s
        timeout client 1s
        timeout server 1s
      listen front
        bind 127.0.0.1:${port}
        server first 127.0.0.1:${ports[0]}
    `;
    const haproxy = await startHaproxy({ config, address: { port } });
    const { status, body } = await httpGet(port, "/");
    await haproxy.stop();
    assert.deepEqual([status, body], [200, "first"]);
    assert.match(haproxy.output, /front/);
    assert.equal(existsSync(haproxy.folder), false);
    assert.equal(signalIfAlive(haproxy.pid, 0), false);
  });

  test("says what is wrong with its configuration", async () => {
    const started = startHaproxy({ config: "fly\n", address: { port: 1 } });
    await assert.rejects(started, /unknown keyword 'fly'/);
  });
});

describe("nginx", { skip: nginxSkipReason }, () => {
  const configFor = (port: number, upstream?: number) => `
    worker_processes 1;
    error_log stderr;
    events {}
    http {
      access_log /dev/stdout;
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://127.0.0.1:${upstream}; }
      }
    }
  `;

  test("passes requests on, reloads, and leaves nothing behind", async () => {
    const port = await freePort();
    const config = configFor(port, ports[0]);
    const nginx = await startNginx({ config, address: { port } });
    const first = await httpGet(port, "/");
    nginx.configure(configFor(port, ports[1]));
    await reloadNginx(nginx);
    const second = await httpGet(port, "/");
    await nginx.stop();
    assert.deepEqual([first.body, second.body], ["first", "second"]);
    assert.match(nginx.output, /GET \/ HTTP/);
    assert.equal(existsSync(nginx.folder), false);
    // Checks the whole process group, which includes the workers.
    assert.equal(signalIfAlive(-nginx.pid, 0), false);
  });

  test("says what is wrong with its configuration", async () => {
    const started = startNginx({ config: "fly;\n", address: { port: 1 } });
    await assert.rejects(started, /unknown directive "fly"/);
  });
});
