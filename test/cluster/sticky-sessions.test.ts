import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type Daemon,
  type DaemonOptions,
  startDaemon,
  stopAllDaemons,
} from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import { runCli } from "../support/run-cli.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { tlsFixture } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";

const PROGRAM = path.resolve("test/fixtures/session-program.cjs");
const HANDOVERS = "server_sticky_handovers_total";
const SESSIONS = 12;

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

function start(sticky: string, options: DaemonOptions = {}): Promise<Daemon> {
  const { args = [], ...others } = options;
  const quick = ["--drain-linger-ms", "500", "--drain-pre-stop-delay-ms", "0"];
  const all = ["--workers", "2", "--port", "0", "--sticky", sticky];
  return startDaemon({
    app: PROGRAM,
    args: [...all, ...quick, ...args],
    ...others,
  });
}

interface Answer {
  readonly status: number;
  readonly fields: Headers;
  readonly pid: number;
  /** How often the session was used in that process before. */
  readonly uses?: number;
  readonly sid: string;
  readonly bytes: number;
  /** Of the body, all of which is kept until its end. */
  readonly digest: string;
  readonly address: string;
}

/** On a connection of its own, so that any worker may accept it. */
async function ask(
  { port }: Daemon,
  target: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${target}`, {
    headers: { ...headers, Connection: "close" },
  });
  const text = await response.text();
  const content = JSON.parse(text.slice(text.indexOf("{")));
  return { status: response.status, fields: response.headers, ...content };
}

async function begin(daemon: Daemon, count = SESSIONS): Promise<Answer[]> {
  const begun = Array.from({ length: count }, () => ask(daemon, "/begin"));
  return Promise.all(begun);
}

function pids(answers: readonly Answer[]): number[] {
  return [...new Set(answers.map(({ pid }) => pid))];
}

function bodyOf(body: Buffer): Answer {
  return JSON.parse(body.toString());
}

for (const scheduling of ["balanced", "shared"]) {
  describe(`sessions that the query names, ${scheduling}`, () => {
    let daemon: Daemon;
    before(async () => {
      daemon = await start("query:sid", { args: ["--scheduling", scheduling] });
    });

    test("stay with the worker that has begun them", async () => {
      const begun = await begin(daemon);
      // One after the other: workers take connections in turn.
      for (const { sid, pid } of begun) {
        for (const use of [0, 1, 2]) {
          const answer = await ask(daemon, `/?sid=${sid}`);
          const { status, uses } = answer;
          assert.deepEqual([status, answer.pid, uses], [200, pid, use]);
        }
      }
      // The system chooses the worker where they share the socket.
      const hasMoved = async () => {
        const [{ sid } = fail()] = begun;
        assert.equal((await ask(daemon, `/?sid=${sid}`)).status, 200);
        return (await daemon.metricSum(HANDOVERS, { to: "owner" })) > 0;
      };
      await waitUntil(hasMoved, { what: "a handover" });
    });

    test("take turns on one connection, as behind a proxy", async () => {
      const begun = await begin(daemon);
      const requests = begun.map(({ sid }) => {
        return `GET /?sid=${sid} HTTP/1.1\r\nHost: a\r\n\r\n`;
      });
      const { responses } = await exchange(daemon.address, requests.join(""), {
        responses: requests.length,
      });
      for (const [index, { status, body }] of responses.entries()) {
        assert.equal(status, 200);
        assert.equal(bodyOf(body).pid, begun[index]?.pid);
      }
    });

    test("get the whole body of a request", async () => {
      const begun = await begin(daemon);
      const body = randomBytes(3_000_000);
      const sent = createHash("sha256").update(body).digest("hex");
      for (const { sid, pid } of begun) {
        const head =
          `POST /?sid=${sid} HTTP/1.1\r\nHost: a\r\n` +
          `Content-Length: ${body.length}\r\n\r\n`;
        const { responses } = await exchange(
          daemon.address,
          Buffer.concat([Buffer.from(head), body]),
          { responses: 1 },
        );
        const [{ status, body: content } = fail()] = responses;
        assert.equal(status, 200);
        const { digest, pid: answeredBy } = bodyOf(content);
        assert.deepEqual([answeredBy, digest], [pid, sent]);
      }
    });

    test("get a body that waits for 100 Continue", async () => {
      const begun = await begin(daemon);
      for (const { sid, pid } of begun) {
        const client = connect(daemon.address);
        client.write(
          `POST /?sid=${sid} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n` +
            "Expect: 100-continue\r\nConnection: close\r\n\r\n",
        );
        const [interim] = await once(client, "data");
        assert.match(String(interim), /^HTTP\/1.1 100 Continue\r\n\r\n$/);
        client.write("abc");
        let text = "";
        for await (const chunk of client) text += chunk;
        const { bytes, pid: answeredBy } = JSON.parse(
          text.slice(text.indexOf("\r\n\r\n")),
        );
        assert.deepEqual([answeredBy, bytes], [pid, 3]);
      }
    });

    test("that nobody knows are served where they are", async () => {
      const answers = await Promise.all([
        ask(daemon, "/?sid=unknown"),
        ask(daemon, `/?sid=${"x".repeat(5_000)}`),
        ask(daemon, "/?sid="),
      ]);
      for (const { status } of answers) assert.equal(status, 404);
    });
  });
}

function fail(): never {
  throw new Error("no response");
}

describe("sessions that a field names", () => {
  let daemon: Daemon;
  before(async () => {
    daemon = await start("header:X-Session");
  });

  test("stay with the worker whose response had the field", async () => {
    for (const { sid, pid } of await begin(daemon)) {
      const answer = await ask(daemon, "/", { "X-Session": sid });
      assert.deepEqual([answer.status, answer.pid], [200, pid]);
    }
  });

  test("stay with the worker that was asked first", async () => {
    const names = Array.from({ length: SESSIONS }, (_, index) => `own${index}`);
    const firsts = await Promise.all(
      names.map((name) => ask(daemon, "/", { "X-Session": name })),
    );
    assert.equal(pids(firsts).length, 2);
    for (const [index, name] of names.entries()) {
      const { pid } = await ask(daemon, "/", { "X-Session": name });
      assert.equal(pid, firsts[index]?.pid);
    }
  });

  test("of which many begin at once have one worker each", async () => {
    const asked = Array.from({ length: 24 }, () => {
      return ask(daemon, "/", { "X-Session": "at-once" });
    });
    assert.equal(pids(await Promise.all(asked)).length, 1);
  });

  test("find another worker when theirs dies", async () => {
    const { pid, sid } = await ask(daemon, "/begin");
    // It takes connections, and does not answer for them any more.
    process.kill(pid, "SIGSTOP");
    const asked = Array.from({ length: 4 }, () => {
      return ask(daemon, "/", { "X-Session": sid });
    });
    const isSent = async () => {
      return (await daemon.metricSum(HANDOVERS, { to: "owner" })) > 0;
    };
    await waitUntil(isSent, { what: "a handover" });
    process.kill(pid, "SIGKILL");
    const answers = await Promise.all(asked);
    for (const { status } of answers) assert.equal(status, 404);
    const [other] = pids(answers);
    assert.notEqual(other, pid);
    const again = await ask(daemon, "/", { "X-Session": sid });
    assert.equal(again.pid, other);
  });
});

describe("a head that is too long to go elsewhere", () => {
  test("is served where it is", async () => {
    const args = ["--max-head-bytes", "4000000"];
    const daemon = await start("query:sid", { args });
    const padding = `X-Long: ${"x".repeat(2_000_000)}\r\n`;
    for (const { sid } of await begin(daemon, 4)) {
      const { responses } = await exchange(
        daemon.address,
        `GET /?sid=${sid} HTTP/1.1\r\nHost: a\r\n${padding}\r\n`,
        { responses: 1 },
      );
      assert.ok([200, 404].includes(responses[0]?.status ?? 0));
    }
    const died = daemon.logs.filter(({ msg }) => {
      return String(msg).startsWith("worker died");
    });
    assert.deepEqual(died, []);
    await daemon.stop();
  });
});

describe("sessions of a cookie", () => {
  let daemon: Daemon;
  before(async () => {
    daemon = await start("cookie:worker");
  });

  function cookieOf({ fields }: Answer): string | undefined {
    const [cookie] = fields.getSetCookie();
    return cookie?.split(";")[0];
  }

  test("begin with the first response", async () => {
    const { fields } = await ask(daemon, "/");
    assert.match(
      fields.get("Set-Cookie") ?? "",
      /^worker=[\w-]{16}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  test("stay with their worker, without another cookie", async () => {
    const firsts = await begin(daemon);
    assert.equal(pids(firsts).length, 2);
    for (const first of firsts) {
      const cookie = cookieOf(first) ?? "";
      const next = await ask(daemon, "/", { Cookie: `a=b; ${cookie}` });
      assert.equal(next.pid, first.pid);
      assert.equal(cookieOf(next), undefined);
    }
  });

  test("begin anew where the cookie is of no worker", async () => {
    const answers = await Promise.all(
      Array.from({ length: SESSIONS }, () => {
        return ask(daemon, "/", { Cookie: "worker=AAAAAAAAAAAAAAAA" });
      }),
    );
    assert.equal(pids(answers).length, 2);
    for (const answer of answers) assert.ok(cookieOf(answer));
  });

  test("are not in responses that caches share", async () => {
    assert.equal(cookieOf(await ask(daemon, "/shared")), undefined);
  });
});

describe("a reload", () => {
  test("leaves sessions to their workers until these leave", async () => {
    const args = ["--drain-linger-ms", "3000"];
    const daemon = await start("query:sid", { args });
    const begun = await begin(daemon, 4);
    const since = daemon.logs.length;
    daemon.signal("SIGHUP");
    await daemon.waitForLog("worker ready", { since });
    for (const { sid, pid } of begun) {
      const answer = await ask(daemon, `/?sid=${sid}`);
      assert.deepEqual([answer.status, answer.pid], [200, pid]);
    }
    await daemon.waitForLog("reloaded", { since });
    const left = () => {
      const lines = daemon.logs.slice(since);
      return lines.filter(({ msg }) => msg === "worker left").length === 2;
    };
    await waitUntil(left, { what: "the old workers' end", timeoutMs: 60_000 });
    for (const { sid } of begun) {
      assert.equal((await ask(daemon, `/?sid=${sid}`)).status, 404);
    }
    await daemon.stop();
  });
});

describe("a connection that goes to another worker", () => {
  async function askAll(
    daemon: Daemon,
    address: ServerAddress,
    prefix = "",
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let index = 0; index < SESSIONS; index++) {
      const first = await exchange(
        address,
        `${prefix}GET /begin HTTP/1.1\r\nHost: a\r\n\r\n`,
        { responses: 1, methods: ["GET"] },
      );
      const { sid } = JSON.parse(String(first.responses[0]?.body).slice(1));
      const next = await exchange(
        address,
        `${prefix}GET /?sid=${sid} HTTP/1.1\r\nHost: a\r\n\r\n`,
        { responses: 1, methods: ["GET"] },
      );
      assert.equal(next.responses[0]?.status, 200);
      answers.push(bodyOf(next.responses[0]?.body ?? fail()));
    }
    const moved = await daemon.metricSum(HANDOVERS, { to: "owner" });
    assert.ok(moved > 0, "no connection has moved");
    return answers;
  }

  test("keeps the client that its PROXY header names", async () => {
    const proxied = ["--proxy-protocol", "required", "--trust-proxy"];
    const args = [...proxied, "127.0.0.1"];
    const daemon = await start("query:sid", { args });
    const header = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
    const answers = await askAll(daemon, daemon.address, header);
    for (const { address } of answers) assert.equal(address, "192.0.2.1");
    await daemon.stop();
  });

  test("may be one of a Unix socket", async () => {
    const socketPath = path.join(temporaryFolder(), "web.sock");
    const daemon = await startDaemon({
      app: PROGRAM,
      args: [
        ...["--workers", "2", "--sticky", "query:sid"],
        ...["--socket-path", socketPath],
      ],
    });
    await askAll(daemon, { socketPath });
    await daemon.stop();
  });
});

describe("sticky sessions and TLS", () => {
  test("of a program's server are a warning", async () => {
    const file = path.join(temporaryFolder(), "server.cjs");
    writeFileSync(
      file,
      `const { readFileSync } = require("node:fs");
      const cert = readFileSync(${JSON.stringify(tlsFixture("server.pem"))});
      const key = readFileSync(${JSON.stringify(tlsFixture("server.key"))});
      require("node:https").createServer({ cert, key }).listen(0);`,
    );
    const daemon = await startDaemon({
      app: file,
      args: ["--workers", "1", "--sticky", "query:sid"],
      isProgram: true,
    });
    await daemon.waitForLog("sticky sessions have no effect with TLS");
    await daemon.stop();
  });

  test("are refused together in the settings", async () => {
    const { code, stderr } = await runCli([
      ...["check-config", PROGRAM, "--sticky", "query:sid"],
      ...["--tls-cert-file", tlsFixture("server.pem")],
      ...["--tls-key-file", tlsFixture("server.key")],
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /sticky .*must be off on a listener with TLS/);
  });
});
