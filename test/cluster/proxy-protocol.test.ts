import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import type net from "node:net";
import path from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { projectFolder } from "../support/project-folder.ts";
import {
  COMMANDS,
  FAMILIES,
  proxyBlock,
  tlsVector,
  v6Addresses,
  withChecksum,
} from "../support/proxy-header-text.ts";
import { exchange } from "../support/raw-exchange.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { connectWire, secureWire } from "../support/tls-client.ts";
import { TRUSTING, tlsFixture } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = path.resolve("test/fixtures/client-app.js");
const ERRORS = "server_proxy_header_errors_total";
const GET =
  "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.66\r\n\r\n";
const LAST = GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

const LINE = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
const BLOCK = withChecksum({
  family: FAMILIES.INET6,
  addresses: v6Addresses(
    "20010db8000000000000000000000001",
    "20010db8000000000000000000000002",
  ),
  vectors: [tlsVector(1)],
});
const CHECK = proxyBlock({
  command: COMMANDS.LOCAL,
  family: FAMILIES.UNSPEC,
});

const SETTINGS = { proxyProtocol: "required", trustProxy: ["127.0.0.1"] };
const TLS = {
  certFile: tlsFixture("server.pem"),
  keyFile: tlsFixture("server.key"),
};
const LISTENERS = {
  balanced: SETTINGS,
  shared: { ...SETTINGS, scheduling: "shared" },
  overTls: { ...SETTINGS, tls: TLS },
  overTlsShared: { ...SETTINGS, tls: TLS, scheduling: "shared" },
  onUnix: { ...SETTINGS, trustProxy: ["unix"], socketPath: "web.sock" },
  untrusting: { ...SETTINGS, trustProxy: ["192.0.2.0/24"] },
  refusing: { trustProxy: ["127.0.0.1"] },
};
type Name = keyof typeof LISTENERS;

interface Told {
  readonly remoteAddress?: string;
  readonly protocol: string;
}

let daemon: Daemon;
let addresses: Record<Name, ServerAddress>;

before(async () => {
  const folder = temporaryFolder();
  const listen = Object.values(LISTENERS).map((listener) => {
    return "socketPath" in listener ? listener : { port: 0, ...listener };
  });
  const settings = {
    ...{ workers: 2, logLevel: "debug", proxyHeaderTimeoutMs: 300 },
    ...{ maxProxyHeaderBytes: 232, listen },
  };
  const file = path.join(folder, "remuda.config.json");
  fs.writeFileSync(file, JSON.stringify(settings));
  daemon = await startDaemon({ app: APP, cwd: folder, hasList: true });
  const names = Object.keys(LISTENERS) as Name[];
  addresses = Object.fromEntries(
    names.map((name, place) => [name, daemon.addresses[place]]),
  ) as Record<Name, ServerAddress>;
});
after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

/** A connection on which nothing but the bytes has been sent. */
function wireTo(name: Name, bytes: string): net.Socket {
  const wire = connectWire(addresses[name]);
  wire.on("error", () => {});
  wire.write(bytes, "latin1");
  return wire;
}

/** What the app is told of the client of a whole conversation. */
async function toldAt(name: Name, bytes: string): Promise<Told[]> {
  const wire = Buffer.from(bytes, "latin1");
  const { responses } = await exchange(addresses[name], wire, {
    untilClosed: true,
    methods: ["GET", "GET"],
  });
  return responses.map(({ body }) => JSON.parse(String(body)) as Told);
}

/** Over TLS that begins behind the header. */
async function toldOverTls(name: Name, header: string): Promise<Told> {
  const client = secureWire(wireTo(name, header), TRUSTING);
  client.write(LAST);
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk as Buffer);
  const answer = Buffer.concat(chunks).toString();
  return JSON.parse(answer.split("\r\n\r\n")[1] ?? "") as Told;
}

async function assertClosed(wire: net.Socket): Promise<void> {
  let receivedBytes = 0;
  wire.on("data", ({ length }) => {
    receivedBytes += length;
  });
  await new Promise((resolve) => wire.once("close", resolve));
  assert.equal(receivedBytes, 0);
}

async function assertCounted(reason: string, count: number): Promise<void> {
  const isCounted = async () =>
    (await daemon.metricSum(ERRORS, { reason })) === count;
  await waitUntil(isCounted, { what: `${count} of ${reason}` });
}

describe("a listener that requires PROXY headers", () => {
  for (const name of ["balanced", "shared", "onUnix"] as const) {
    test(`takes the client from them: ${name}`, async () => {
      const v1 = await toldAt(name, LINE + GET + LAST);
      const v2 = await toldAt(name, BLOCK + LAST);
      const seen = [...v1, ...v2].map(({ remoteAddress, protocol }) => {
        return [remoteAddress, protocol];
      });
      assert.deepEqual(seen, [
        ["192.0.2.1", "http"],
        ["192.0.2.1", "http"],
        ["2001:db8::1", "https"],
      ]);
    });

    test(`answers health checks, and believes no fields: ${name}`, async () => {
      const peer = name === "onUnix" ? "unix" : "127.0.0.1";
      for (const header of [CHECK, "PROXY UNKNOWN\r\n"]) {
        const [told] = await toldAt(name, header + LAST);
        assert.equal(told?.remoteAddress, peer);
      }
    });
  }

  for (const name of ["overTls", "overTlsShared"] as const) {
    test(`has them before the TLS handshake: ${name}`, async () => {
      const seen = await Promise.all(
        [LINE, BLOCK, CHECK].map((header) => toldOverTls(name, header)),
      );
      assert.deepEqual(
        seen.map(({ remoteAddress, protocol }) => [remoteAddress, protocol]),
        [
          ["192.0.2.1", "https"],
          ["2001:db8::1", "https"],
          ["127.0.0.1", "https"],
        ],
      );
    });
  }

  test("closes connections without a valid one, and counts why", async () => {
    const wrong = BLOCK.slice(0, -1) + (BLOCK.endsWith("!") ? "?" : "!");
    const long = "PROXY UNKNOWN ".padEnd(120, "x");
    const names = ["balanced", "shared", "overTls", "onUnix"] as const;
    const wires = names.flatMap((name) => [
      wireTo(name, GET),
      wireTo(name, wrong + GET),
      wireTo(name, long),
      wireTo(name, "PROXY TCP4 192.0.2.1 "),
    ]);
    const left = names.map((name) => wireTo(name, "PROXY").end());
    const strangers = [
      wireTo("untrusting", LINE + GET),
      wireTo("untrusting", ""),
    ];
    await Promise.all([...wires, ...left, ...strangers].map(assertClosed));
    await assertCounted("malformed", 4);
    await assertCounted("checksum", 4);
    await assertCounted("too_long", 4);
    await assertCounted("timeout", 4);
    await assertCounted("client_left", 4);
    await assertCounted("untrusted_peer", 2);
    const lines = daemon.logs.filter(({ msg }) => {
      return msg === "a PROXY header failed";
    });
    assert.equal(lines.length, 22);
    const stranger = lines.find(({ reason }) => reason === "untrusted_peer");
    assert.equal(stranger?.error, "127.0.0.1 is not in trustProxy");
  });
});

describe("a listener that refuses PROXY headers", () => {
  test("answers 400, whoever sends them", async () => {
    for (const header of [LINE, BLOCK, CHECK, "PROXY UNKNOWN\r\n"]) {
      const bytes = Buffer.from(header + GET, "latin1");
      const address = addresses.refusing;
      const { responses } = await exchange(address, bytes, {
        untilClosed: true,
      });
      assert.deepEqual(
        responses.map(({ status }) => status),
        [400],
      );
    }
  });
});

describe("a reload that meets a connection without its header", () => {
  async function startAlone(t: TestContext, listener: object) {
    const folder = projectFolder(t);
    const listen = [{ port: 0, ...SETTINGS, ...listener }];
    const settings = { workers: 1, listen };
    const file = path.join(folder, "remuda.config.json");
    fs.writeFileSync(file, JSON.stringify(settings));
    return startDaemon({ app: APP, cwd: folder, hasList: true });
  }

  /** Sends requests until the worker of the connection drains. */
  async function untilLastResponse(client: net.Socket): Promise<void> {
    for (let isLast = false; !isLast; ) {
      client.write(GET);
      const [response] = await once(client, "data");
      isLast = /\r\nConnection: close\r\n/.test(String(response));
    }
  }

  for (const scheduling of ["balanced", "shared"]) {
    test(`waits for it, and answers: ${scheduling}`, async (t) => {
      const own = await startAlone(t, { scheduling });
      t.after(() => own.stop());
      const client = connect(own.address);
      t.after(() => client.destroy());
      client.write("PROXY TCP4");
      const count = () => own.metricSum("server_connections");
      const what = "the connection to be known";
      await waitUntil(async () => (await count()) === 1, { what });
      const other = connect(own.address);
      t.after(() => other.destroy());
      other.write(LINE + GET);
      await once(other, "data");
      own.signal("SIGHUP");
      await own.waitForLog(({ msg }) => msg?.startsWith("reloaded"));
      await untilLastResponse(other);
      client.write(LINE.slice("PROXY TCP4".length) + GET);
      const [answer] = await once(client, "data");
      assert.match(String(answer), /\r\nConnection: close\r\n/);
      assert.match(String(answer), /"remoteAddress":"192\.0\.2\.1"/);
    });
  }
});
