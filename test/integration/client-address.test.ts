/**
 * Who the client is, asked directly and through the real balancers: whatever a
 * client sends, it is never taken for another one. Some ways need haproxy and
 * nginx (Debian's packages of these names); without them those are skipped, but
 * for CI, where they fail.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import type { ForegroundProgram } from "../support/foreground-program.ts";
import { freePort } from "../support/free-port.ts";
import { haproxySkipReason, startHaproxy } from "../support/haproxy.ts";
import { nginxSkipReason, startNginx } from "../support/nginx.ts";
import { exchange } from "../support/raw-exchange.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { ASKED_HOST, ATTEMPTS, type Attempt } from "./spoofing-attempts.ts";

const APP = path.resolve("test/fixtures/client-app.js");

// All of 127.0.0.0/8 is this machine.
const CLIENT = "127.0.0.66";
const NGINX = "127.0.0.2";
const HAPROXY = "127.0.0.3";
const EDGE = "127.0.0.4";

/** The listeners of the daemon, by what is in front of them. */
const LISTENERS = {
  nobody: {},
  common: { trustProxy: [NGINX, HAPROXY, EDGE] },
  withHost: {
    trustProxy: [NGINX, HAPROXY],
    forwardedFields: [
      "X-Forwarded-For",
      "X-Forwarded-Proto",
      "X-Forwarded-Host",
    ],
  },
  standard: { trustProxy: [NGINX], forwardedFields: ["Forwarded"] },
  proxied: { trustProxy: [HAPROXY], proxyProtocol: "required" },
  unix: { socketPath: "run.sock", mode: "0666", trustProxy: ["unix"] },
} as const;
type ListenerName = keyof typeof LISTENERS;

/** Where what is in front listens. */
const FRONTS = [
  ...["nginxSets", "nginxAppends", "nginxUnix", "nginxStandard"],
  ...["nginxEdge", "nginxInner", "haproxyAppends"],
  ...["haproxyV1", "haproxyV2", "haproxyV2Http"],
] as const;
type Front = (typeof FRONTS)[number];

interface Way {
  readonly name: string;
  readonly to: ListenerName | Front | "haproxyUnix";
  /** Who connects to the server, or to who sends it a PROXY header. */
  readonly peer: string;
  /** Whom the client is taken for, if not for itself. */
  readonly client?: string;
  readonly skip?: string | false;
}

const DIRECTLY = [
  ["nobody", "a listener that trusts nobody"],
  ["common", "one that trusts proxies"],
  ["withHost", "one that trusts proxies on the host, too"],
  ["standard", "one that reads Forwarded"],
] as const;
const BY_NGINX = [
  ["nginxSets", NGINX, "that overwrites what it is sent"],
  ["nginxAppends", NGINX, "that appends to what it is sent"],
  ["nginxStandard", NGINX, "that appends to Forwarded"],
  ["nginxUnix", "unix", "on a Unix socket"],
  ["nginxEdge", NGINX, "behind another one"],
] as const;

const BY_HAPROXY = [
  ["haproxyAppends", HAPROXY, "adds lines to what it is sent"],
  ["haproxyV1", CLIENT, "sends a PROXY header, version 1"],
  ["haproxyV2", CLIENT, "sends a PROXY header, version 2"],
  ["haproxyV2Http", CLIENT, "reads HTTP, and sends a PROXY header"],
] as const;

const WAYS: readonly Way[] = [
  ...DIRECTLY.map(([to, what]) => {
    return { name: `directly to ${what}`, to, peer: CLIENT };
  }),
  ...BY_NGINX.map(([to, peer, what]) => {
    return { name: `nginx ${what}`, to, peer, skip: nginxSkipReason };
  }),
  ...BY_HAPROXY.map(([to, peer, what]) => {
    return { name: `HAProxy that ${what}`, to, peer, skip: haproxySkipReason };
  }),
  {
    // There is no address to be told, and so nobody is believed.
    name: "HAProxy's own Unix socket, and a PROXY header of nobody",
    ...{ to: "haproxyUnix", peer: HAPROXY, client: HAPROXY },
    skip: haproxySkipReason,
  },
];

const ports = new Map<ListenerName | Front, number>();
const balancers: ForegroundProgram[] = [];
let folder = "";

before(async () => {
  folder = temporaryFolder();
  await startServer();
  for (const front of FRONTS) ports.set(front, await freePort());
  if (!nginxSkipReason) balancers.push(await nginx());
  if (!haproxySkipReason) balancers.push(await haproxy());
});

after(async () => {
  for (const balancer of balancers) await balancer.stop();
  await stopAllDaemons();
  removeTemporaryFolders();
});

for (const way of WAYS) {
  describe(`of a client by way of ${way.name}`, { skip: way.skip }, () => {
    test("the truth is told", async () => {
      const { told } = await ask(way, {
        name: "nothing",
        bytes: `GET / HTTP/1.1\r\nHost: ${ASKED_HOST}\r\nConnection: close\r\n\r\n`,
        mayBeRefused: false,
      });
      assert.deepEqual(told, [truth(way)]);
    });

    test("no lie is believed", async (t) => {
      const believed: string[] = [];
      let refused = 0;
      for (const attempt of ATTEMPTS) {
        const { told, statuses } = await ask(way, attempt);
        const lies = told.filter((each) => !isSame(each, truth(way)));
        for (const lie of lies) {
          believed.push(`${attempt.name}: ${JSON.stringify(lie)}`);
        }
        const isAnswered = told.length > 0;
        if (!isAnswered) refused++;
        const what = `${attempt.name}: answered with ${statuses.join()}`;
        assert.ok(isAnswered || attempt.mayBeRefused, what);
      }
      t.diagnostic(
        `${ATTEMPTS.length} attempts, ${refused} refused, ` +
          `${believed.length} believed`,
      );
      assert.deepEqual(believed, []);
    });
  });
}

describe("a listener that requires a PROXY header", () => {
  test("closes a client that is no proxy, whatever it sends", async (t) => {
    const way: Way = { name: "directly", to: "proxied", peer: CLIENT };
    for (const attempt of ATTEMPTS) {
      const { statuses } = await ask(way, attempt);
      assert.deepEqual(statuses, [], attempt.name);
    }
    t.diagnostic(`${ATTEMPTS.length} attempts, none answered`);
  });
});

interface Told {
  readonly remoteAddress?: string;
  readonly peerAddress?: string;
  readonly protocol: string;
  readonly host?: string;
}

function truth({ peer, client = CLIENT }: Way): Told {
  return {
    remoteAddress: client,
    peerAddress: peer,
    ...{ protocol: "http", host: ASKED_HOST },
  };
}

function isSame(one: Told, other: Told): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What the app has been told, and how each request was answered. */
async function ask({ to }: Way, { bytes }: Attempt) {
  const address =
    to === "haproxyUnix"
      ? { socketPath: `${folder}/haproxy.sock` }
      : { port: portOf(to), localAddress: CLIENT };
  const { responses } = await exchange(address, bytes, { untilClosed: true });
  const answered = responses.filter(({ status }) => status === 200);
  return {
    told: answered.map(({ body }) => JSON.parse(String(body)) as Told),
    statuses: responses.map(({ status }) => status),
  };
}

async function startServer(): Promise<void> {
  const names = Object.keys(LISTENERS) as ListenerName[];
  const listen = names.map((name) => {
    const listener = LISTENERS[name];
    return "socketPath" in listener ? listener : { ...listener, port: 0 };
  });
  const settings = JSON.stringify({ workers: 1, listen });
  writeFileSync(path.join(folder, "remuda.config.json"), settings);
  const daemon = await startDaemon({ app: APP, cwd: folder, hasList: true });
  for (const [place, name] of names.entries()) {
    const address = daemon.addresses[place];
    if (address && "port" in address) ports.set(name, address.port);
  }
}

function portOf(to: ListenerName | Front): number {
  const port = ports.get(to);
  assert.ok(port !== undefined, `${to} does not listen`);
  return port;
}

/** The line of each: what it says of its client. */
function nginx(): Promise<ForegroundProgram> {
  const server = (front: Front, upstream: string, lines: string) => `
    server {
      listen 127.0.0.1:${portOf(front)};
      location / {
        proxy_pass http://${upstream};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        ${lines}
      }
    }
  `;
  const at = (to: ListenerName | Front) => `127.0.0.1:${portOf(to)}`;
  const sameHost = "proxy_set_header Host $host;";
  const appends = `
    ${sameHost}
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
  `;
  const element = 'for=$remote_addr;proto=$scheme;host=\\"$host\\"';
  const config = `
    user root;
    worker_processes 1;
    error_log stderr crit;
    events {}
    http {
      access_log off;
      client_header_timeout 2s;
      large_client_header_buffers 4 16k;
      ${server(
        "nginxSets",
        at("withHost"),
        `
        proxy_bind ${NGINX};
        proxy_set_header Host inner.example;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $host;
        `,
      )}
      ${server("nginxAppends", at("common"), `proxy_bind ${NGINX}; ${appends}`)}
      ${server("nginxUnix", `unix:${folder}/run.sock`, appends)}
      ${server(
        "nginxStandard",
        at("standard"),
        `
        proxy_bind ${NGINX};
        ${sameHost}
        proxy_set_header Forwarded "$http_forwarded, ${element}";
        `,
      )}
      ${server("nginxEdge", at("nginxInner"), `proxy_bind ${EDGE}; ${appends}`)}
      ${server(
        "nginxInner",
        at("common"),
        `
        proxy_bind ${NGINX};
        ${sameHost}
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        `,
      )}
    }
  `;
  return startNginx({ config, address: { port: portOf("nginxSets") } });
}

function haproxy(): Promise<ForegroundProgram> {
  const proxied = `127.0.0.1:${portOf("proxied")} source ${HAPROXY}`;
  const config = `
    defaults
      timeout connect 2s
      timeout client 2s
      timeout server 2s
    listen haproxyAppends
      mode http
      bind 127.0.0.1:${portOf("haproxyAppends")}
      option forwardfor
      http-request add-header X-Forwarded-Proto http
      http-request add-header X-Forwarded-Host ${ASKED_HOST}
      http-request set-header Host inner.example
      server it 127.0.0.1:${portOf("withHost")} source ${HAPROXY}
    listen haproxyV1
      mode tcp
      bind 127.0.0.1:${portOf("haproxyV1")}
      server it ${proxied} send-proxy
    listen haproxyV2
      mode tcp
      bind 127.0.0.1:${portOf("haproxyV2")}
      bind unix@${folder}/haproxy.sock
      server it ${proxied} send-proxy-v2
    listen haproxyV2Http
      mode http
      bind 127.0.0.1:${portOf("haproxyV2Http")}
      option forwardfor
      server it ${proxied} send-proxy-v2
  `;
  return startHaproxy({ config, address: { port: portOf("haproxyAppends") } });
}
