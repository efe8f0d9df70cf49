import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type tls from "node:tls";
import {
  type Daemon,
  type DaemonOptions,
  startDaemon,
  stopAllDaemons,
} from "../support/daemon.ts";
import { projectFolder } from "../support/project-folder.ts";
import { exchange } from "../support/raw-exchange.ts";
import { runCli } from "../support/run-cli.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import { connectWire, secureWire } from "../support/tls-client.ts";
import { TRUSTING, tlsFixture } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/load-app.js";
const LOAD_SECONDS = 12;
const ROLLS = 3;
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const ERRORS = "server_tls_handshake_errors_total";

after(stopAllDaemons);

/** A certificate in files that a test may change, and the flags for them. */
function certificateFiles(t: TestContext) {
  const folder = projectFolder(t);
  const certFile = path.join(folder, "cert.pem");
  const keyFile = path.join(folder, "key.pem");
  const use = (name: "server" | "renewed") => {
    cpSync(tlsFixture(`${name}.pem`), certFile);
    cpSync(tlsFixture(`${name}.key`), keyFile);
  };
  use("server");
  const args = ["--tls-cert-file", certFile, "--tls-key-file", keyFile];
  return { certFile, keyFile, use, args };
}

function startTls(args: readonly string[], options: DaemonOptions = {}) {
  const all = ["--workers", "2", ...args];
  return startDaemon({ app: APP, ...options, args: all });
}

async function reload(daemon: Daemon, until = "reloaded"): Promise<void> {
  const since = daemon.logs.length;
  daemon.signal("SIGHUP");
  await daemon.waitForLog(({ msg }) => msg?.startsWith(until), { since });
}

async function securely(
  address: ServerAddress,
  options: tls.ConnectionOptions = {},
): Promise<tls.TLSSocket> {
  const given = { ...TRUSTING, ...options };
  const client = connect({ ...address, tls: given }) as tls.TLSSocket;
  await once(client, "secureConnect");
  return client;
}

/** Whose certificate a new connection is shown: "server" or "renewed". */
async function shownTo(address: ServerAddress): Promise<string | undefined> {
  const client = await securely(address);
  const { CN } = client.getPeerCertificate().subject;
  client.destroy();
  return String(CN).split(" ").at(-1);
}

/** The answer to a request without a body, up to its last byte. */
async function answerOn(client: tls.TLSSocket, request = GET): Promise<string> {
  client.write(request);
  return String((await once(client, "data"))[0]);
}

describe("a rolling restart over TLS", { concurrency: 2 }, () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`loses no request, ${scheduling}`, async (t) => {
      const { args, use } = certificateFiles(t);
      const daemon = await startTls(["--scheduling", scheduling, ...args]);
      // Of those who keep no connection, many are in a handshake at any time.
      const clients = [
        startStrictLoad(daemon),
        startStrictLoad(daemon, { connections: 16, keepAlive: false }),
      ];
      t.after(() => Promise.all(clients.map((client) => client.stop())));
      const pauseMs = (LOAD_SECONDS * 1000) / (ROLLS + 1);
      for (let roll = 0; roll < ROLLS; roll++) {
        await delay(pauseMs);
        use(roll % 2 === 0 ? "renewed" : "server");
        await reload(daemon);
      }
      await delay(pauseMs);
      const reports = await Promise.all(clients.map((each) => each.stop()));

      for (const report of reports) {
        assert.deepEqual(report.failures, []);
        assert.equal(report.failureCount, 0);
        assert.equal(report.idleResets, 0);
        assert.ok(report.answered > 100, `${report.answered} answered`);
      }
      assert.equal(await daemon.metricSum(ERRORS), 0);
      assert.equal(await shownTo(daemon.address), "renewed");
      const counts = reports.map(({ answered }) => answered).join(" + ");
      t.diagnostic(
        `${scheduling}: ${counts} answered, 0 failed, ${ROLLS} rolls`,
      );
      await daemon.stop();
    });
  }
});

/** A session that the server has given, with its ticket. */
async function sessionOf(address: ServerAddress): Promise<Buffer> {
  const client = await securely(address);
  const ticket = once(client, "session");
  await answerOn(client);
  const [session] = await ticket;
  client.destroy();
  return session;
}

/** Whether a client comes back with its session; it is answered in any case. */
async function resumes(address: ServerAddress, session: Buffer) {
  const client = await securely(address, { session });
  assert.match(await answerOn(client), /^HTTP\/1\.1 200 /);
  const isReused = client.isSessionReused();
  client.destroy();
  return isReused;
}

describe("two instances with TLS", () => {
  test("answer each other's clients after a full handshake", async (t) => {
    const { args } = certificateFiles(t);
    const [one, other] = await Promise.all([startTls(args), startTls(args)]);
    const session = await sessionOf(one.address);
    assert.equal(await resumes(one.address, session), true);
    assert.equal(await resumes(other.address, session), false);
    await Promise.all([one.stop(), other.stop()]);
  });

  test("resume each other's sessions by a key of tickets that they share", async (t) => {
    const { args, keyFile } = certificateFiles(t);
    const ticketKeyFile = path.join(path.dirname(keyFile), "ticket.key");
    const change = () => writeFileSync(ticketKeyFile, randomBytes(48));
    change();
    const all = [...args, "--tls-ticket-key-file", ticketKeyFile];
    const [one, other] = await Promise.all([startTls(all), startTls(all)]);
    const session = await sessionOf(one.address);
    assert.equal(await resumes(other.address, session), true);

    change();
    await reload(one);
    assert.equal(await resumes(one.address, session), false, "the key before");
    const renewed = await sessionOf(one.address);
    assert.equal(await resumes(other.address, renewed), false, "not yet told");
    await reload(other);
    assert.equal(await resumes(other.address, renewed), true);
    await Promise.all([one.stop(), other.stop()]);
  });
});

describe("a reload with TLS", { concurrency: 2 }, () => {
  test("brings the new certificate, and old connections go on", async (t) => {
    const { args, use } = certificateFiles(t);
    const daemon = await startTls(args);
    type Status = { listening: { scheme: string }[] };
    const { listening } = await daemon.status<Status>();
    assert.equal(listening[0]?.scheme, "https");
    const busy = await securely(daemon.address);
    const idle = await securely(daemon.address);
    assert.match(await answerOn(idle), /hello$/);
    const slow = GET.replace("/ ", "/slow/3000 ");
    const answer = answerOn(busy, slow);

    use("renewed");
    await reload(daemon);
    assert.equal(await shownTo(daemon.address), "renewed");
    const late = await answerOn(idle);
    assert.match(late, /\r\nConnection: close\r\n/);
    assert.match(late, /hello$/);
    assert.match(await answer, /slow$/);
    busy.destroy();
    idle.destroy();
    await daemon.stop();
  });

  test("finishes a handshake that it meets, and answers", async (t) => {
    const { args } = certificateFiles(t);
    const daemon = await startTls(args);
    const wire = connectWire(daemon.address);
    await once(wire, "connect");
    await reload(daemon);
    const client = secureWire(wire, TRUSTING);
    assert.match(await answerOn(client), /\r\nConnection: close\r\n/);
    client.destroy();
    await daemon.stop();
  });

  test("is refused where the certificate is broken", async (t) => {
    const { args, certFile, use } = certificateFiles(t);
    const daemon = await startTls(args);
    const client = startStrictLoad(daemon, { connections: 4 });
    t.after(() => client.stop());

    writeFileSync(certFile, "not a certificate\n");
    await reload(daemon, "reload refused: tls.certFile");
    cpSync(tlsFixture("renewed.pem"), certFile);
    await reload(daemon, "reload refused: tls.keyFile");
    type Status = { generation: number; lastReload: { error: string } };
    const { generation, lastReload } = await daemon.status<Status>();
    assert.equal(generation, 1);
    assert.match(lastReload.error, /does not fit; it must be the key of/);
    assert.equal(await shownTo(daemon.address), "server");

    use("renewed");
    await reload(daemon);
    assert.equal(await shownTo(daemon.address), "renewed");
    assert.deepEqual((await client.stop()).failures, []);
    await daemon.stop();
  });

  test("is survived by sessions, and so is a change of worker", async (t) => {
    const { args } = certificateFiles(t);
    const daemon = await startTls(args);
    const session = await sessionOf(daemon.address);

    const askedPids = async () => {
      const clients = await Promise.all(
        Array.from({ length: 4 }, () => securely(daemon.address, { session })),
      );
      const answers = clients.map(async (client) => {
        assert.equal(client.isSessionReused(), true);
        const answer = await answerOn(client, GET.replace("/ ", "/pid "));
        return answer.split("\r\n\r\n").at(-1);
      });
      const pids = new Set(await Promise.all(answers));
      for (const client of clients) client.destroy();
      return pids.size;
    };
    assert.equal(await askedPids(), 2);
    await reload(daemon);
    assert.equal(await askedPids(), 2);
    await daemon.stop();
  });

  test("is not needed for a worker to see that a file is bad", async (t) => {
    const { args, keyFile, use } = certificateFiles(t);
    const daemon = await startTls(args);
    const [victim] = daemon.workerPids();
    assert.ok(victim);
    const since = daemon.logs.length;
    writeFileSync(keyFile, "");
    process.kill(victim, "SIGKILL");
    const { error } = await daemon.waitForLog("worker did not become ready", {
      since,
    });
    assert.match(String(error), /^tls\.keyFile ".*" has no private key in it/);
    assert.equal(await shownTo(daemon.address), "server");
    use("server");
    await daemon.waitForLog("worker ready", { since });
    await daemon.stop();
  });
});

describe("a connection that is not TLS", () => {
  test("is closed and counted, and others go on", async (t) => {
    const { args } = certificateFiles(t);
    const timeout = ["--tls-handshake-timeout-ms", "3000"];
    const daemon = await startTls([...args, ...timeout, "--log-level=debug"]);
    const plain = connectWire(daemon.address);
    const silent = connectWire(daemon.address);
    const closes = [plain, silent].map((client) => {
      return once(client.resume(), "close");
    });
    plain.write(GET);
    await Promise.all(closes);
    await daemon.waitForLog("a TLS handshake failed");
    for (const reason of ["plain_http", "timeout"]) {
      const isCounted = async () =>
        (await daemon.metricSum(ERRORS, { reason })) === 1;
      await waitUntil(isCounted, { what: reason });
    }
    const { responses } = await exchange(daemon.address, GET, { responses: 1 });
    assert.equal(responses[0]?.status, 200);
    await daemon.stop();
  });
});

describe("TLS", () => {
  for (const scheduling of ["balanced", "shared"]) {
    test(`is spoken on a unix socket too, ${scheduling}`, async (t) => {
      const { args, certFile } = certificateFiles(t);
      const socketPath = path.join(path.dirname(certFile), "web.sock");
      const daemon = await startTls([
        ...["--socket-path", socketPath, "--scheduling", scheduling],
        ...args,
      ]);
      const { address } = daemon;
      const { responses } = await exchange(address, GET, { responses: 1 });
      assert.equal(responses[0]?.status, 200);
      await daemon.stop();
    });
  }

  test("lets nobody start without what it needs", async (t) => {
    const { args, certFile, keyFile } = certificateFiles(t);
    cpSync(tlsFixture("renewed.key"), keyFile);
    const failure = async (...given: string[]) => {
      const all = ["start", "--port", "0", "--admin-port", "0", ...given];
      const { code, stdout, stderr } = await runCli(all);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "", "nothing was begun");
      return stderr.trim().split("\n");
    };
    assert.deepEqual(await failure(...args), [
      `remuda: tls.keyFile "${keyFile}" (from --tls-key-file) does not fit; ` +
        `it must be the key of the first certificate in ${certFile}`,
    ]);
    assert.deepEqual(await failure(...args.slice(0, 2)), [
      `remuda: tls.certFile is "${certFile}" (from --tls-cert-file); ` +
        "it must be given together with tls.keyFile",
    ]);
  });
});
