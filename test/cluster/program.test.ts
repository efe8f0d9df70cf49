import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, describe, test } from "node:test";
import {
  type Daemon,
  type DaemonOptions,
  startDaemon,
  stopAllDaemons,
} from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { freePort } from "../support/free-port.ts";
import { exchange } from "../support/raw-exchange.ts";
import { runCli } from "../support/run-cli.ts";
import { startStrictLoad } from "../support/strict-load.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { tlsFixture } from "../support/tls-fixtures.ts";
import { waitUntil } from "../support/wait-until.ts";

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

const PROGRAM = "test/fixtures/program.cjs";
const HTTP = 'const http = require("node:http");\n';

function programFile(source: string, name = "server.cjs"): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, source);
  return file;
}

function start(app: string, options: DaemonOptions = {}): Promise<Daemon> {
  const { args = [], ...others } = options;
  const quick = ["--drain-linger-ms", "500", "--drain-pre-stop-delay-ms", "0"];
  const all = ["--workers", "2", ...quick, ...args];
  return startDaemon({ app, args: all, isProgram: true, ...others });
}

/** What the program wrote, of one kind. */
function said(daemon: Daemon, text: string): LogLine[] {
  return daemon.logs.filter(({ role, msg }) => {
    return role === "app" && String(msg).includes(text);
  });
}

async function get(port: number, target = "/"): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${target}`, {
    headers: { Connection: "close" },
  });
  return response.text();
}

async function reload(daemon: Daemon): Promise<void> {
  const since = daemon.logs.length;
  daemon.signal("SIGHUP");
  await daemon.waitForLog("reloaded", { since });
}

async function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

for (const scheduling of ["balanced", "shared"]) {
  describe(`a program that listens by itself, ${scheduling}`, () => {
    test("loses no request at reloads and upgrades", async (t) => {
      const args = ["--scheduling", scheduling, "--drain-linger-ms", "3000"];
      const daemon = await start(PROGRAM, { args });
      const { port } = daemon;
      const client = startStrictLoad(daemon, { connections: 16 });
      t.after(() => client.stop());
      const isUnderWay = () => client.report.answered > 50;
      await waitUntil(isUnderWay, { what: "load", timeoutMs: 60_000 });
      await reload(daemon);
      await reload(daemon);
      assert.equal(daemon.port, port);
      const since = daemon.logs.length;
      daemon.signal("SIGUSR2");
      await daemon.waitForLog("upgraded", { since, timeoutMs: 60_000 });
      assert.equal(daemon.port, port);
      const answered = client.report.answered + 50;
      const goesOn = () => client.report.answered > answered;
      await waitUntil(goesOn, { what: "more answers", timeoutMs: 60_000 });
      const report = await client.stop();
      assert.deepEqual(report.failures, []);
      await daemon.stop();
      // Each worker of three generations and of the new master.
      assert.equal(said(daemon, "program got SIGTERM, 0 active").length, 8);
      assert.equal(said(daemon, "program ends").length, 8);
      const left = daemon.logs.filter(({ msg }) => msg === "worker left");
      assert.equal(left.length, 8);
      assert.ok(left.every(({ code }) => code === 0));
    });
  });
}

describe("server.close() of a program", () => {
  test("does not wait for a client that does not read", async () => {
    const source = `${HTTP}
      const server = http.createServer((request, response) => {
        response.end("last", () => server.close(() => console.log("closed")));
      });
      server.listen(0);`;
    const daemon = await start(programFile(source), {
      args: ["--lingering-close-timeout-ms", "60000"],
    });
    const client = net.connect(daemon.port, "127.0.0.1");
    client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await daemon.waitForLog(({ msg }) => msg === "closed");
    client.destroy();
    await daemon.stop();
  });
});

describe("a program", () => {
  test("is the main module, and knows its number", async () => {
    const daemon = await start(PROGRAM);
    const instances = new Set<string>();
    while (instances.size < 2) {
      const { instance, pmId, ...who } = JSON.parse(
        await get(daemon.port, "/who"),
      );
      assert.equal(who.isMain, true);
      assert.equal(who.script, path.resolve(PROGRAM));
      assert.equal(pmId, instance);
      instances.add(instance);
    }
    assert.deepEqual([...instances].sort(), ["0", "1"]);
    await daemon.stop();
  });

  test("that handles only SIGINT gets that, once", async () => {
    const daemon = await start(PROGRAM, {
      args: ["--workers", "1"],
      env: { PROGRAM_SIGNAL: "SIGINT" },
    });
    daemon.signal("SIGINT");
    const { code } = await daemon.exited;
    assert.equal(code, 0);
    assert.equal(said(daemon, "program got SIGINT").length, 1);
    await daemon.stop();
  });

  test("is not told of the Ctrl-C of a terminal before its time", async () => {
    const source = `${HTTP}
      const server = http.createServer((request, response) => {
        console.log("begun");
        setTimeout(() => response.end("hello"), 500);
      }).listen(0, "127.0.0.1");
      process.on("SIGINT", () => {
        console.log("interrupted");
        process.exit(1);
      });
    `;
    const daemon = await start(programFile(source));
    const slow = [1, 2, 3, 4].map(() => get(daemon.port));
    const areBegun = () => said(daemon, "begun").length === 4;
    await waitUntil(areBegun, { what: "four requests in flight" });
    // A terminal signals the master and its workers.
    for (const pid of [...daemon.workerPids(), daemon.pid]) {
      process.kill(pid, "SIGINT");
    }
    assert.deepEqual(await Promise.all(slow), Array(4).fill("hello"));
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    assert.equal(said(daemon, "interrupted").length, 2);
    await daemon.stop();
  });

  test("gets the configured address if there is one, and it is said", async () => {
    const daemon = await start(PROGRAM, { args: ["--port", "0"] });
    assert.equal(await get(daemon.port), "hello");
    assert.equal(daemon.addresses.length, 1);
    const line = await daemon.waitForLog(
      "the program gets the configured address",
    );
    assert.equal(line.asked, "127.0.0.1:0#1");
    await daemon.stop();
  });

  test("has several servers, on ports and Unix sockets", async () => {
    const folder = temporaryFolder();
    const source = `${HTTP}
      const serve = (name, ...where) => {
        const server = http.createServer((request, response) => {
          response.end(name);
        });
        server.listen(...where, () => {
          console.log("serves", name, JSON.stringify(server.address()));
        });
        console.log("at first", server.address(), server.listening);
      };
      serve("one", 0);
      serve("two", { port: "0", host: "127.0.0.1", backlog: 5 });
      setTimeout(() => serve("path", ${JSON.stringify(`${folder}/s`)}), 100);
    `;
    const daemon = await start(programFile(source));
    await waitUntil(() => said(daemon, "serves").length === 6, {
      what: "six servers",
      timeoutMs: 60_000,
    });
    const places = () => {
      return [...new Set(said(daemon, "serves").map(({ msg }) => msg))].sort();
    };
    const first = places();
    assert.equal(first.length, 3, JSON.stringify(first));
    assert.equal(first[1], `serves path "${folder}/s"`);
    const ports = [first[0], first[2]].map((line) => {
      return Number(/"port":(\d+)/.exec(String(line))?.[1]);
    });
    assert.equal(said(daemon, "at first null false").length, 6);
    assert.equal(await get(ports[0] ?? 0), "one");
    assert.equal(await get(ports[1] ?? 0), "two");
    assert.ok(existsSync(`${folder}/s`));
    await reload(daemon);
    assert.deepEqual(places(), first);
    assert.equal(await get(ports[0] ?? 0), "one");
    const { listening } = await daemon.status<{ listening: unknown[] }>();
    assert.equal(listening.length, 3);
    await daemon.stop();
    assert.ok(!existsSync(`${folder}/s`));
  });

  test("is told of a port in use as by Node", async () => {
    const { server: other, port } = await portInUse();
    const source = `${HTTP}
      const server = http.createServer((request, response) => {
        response.end("elsewhere");
      });
      server.once("error", ({ code, errno, syscall, address, port, message }) => {
        console.log("error", JSON.stringify({ code, errno, syscall, address, port, message }));
        server.listen(0, "127.0.0.1");
      });
      server.listen(${port}, "127.0.0.1");
    `;
    const daemon = await start(programFile(source));
    const [line] = said(daemon, "error");
    assert.deepEqual(JSON.parse(String(line?.msg).slice("error ".length)), {
      code: "EADDRINUSE",
      errno: -98,
      syscall: "listen",
      address: "127.0.0.1",
      port,
      message: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    });
    assert.equal(await get(daemon.port), "elsewhere");
    await daemon.stop();
    other.close();
  });

  test("that does not handle a port in use does not start", async () => {
    const { server: other, port } = await portInUse();
    const app = programFile(
      `${HTTP} http.createServer().listen(${port}, "127.0.0.1");`,
    );
    const { code, stderr } = await runCli(["start", app]);
    assert.equal(code, 2);
    assert.match(stderr, /EADDRINUSE: address already in use/);
    other.close();
  });

  test("that ends without listening is refused at once", async () => {
    const started = performance.now();
    const app = programFile("setTimeout(() => {}, 10);");
    const { code, stderr } = await runCli(["start", app]);
    assert.equal(code, 2);
    assert.match(stderr, /must listen by itself, or export an App/);
    assert.ok(performance.now() - started < 25_000);
  });

  test("that listens elsewhere after a reload gives up its port", async () => {
    const file = programFile(listeningOn(await freePort()));
    const daemon = await start(file);
    const before = daemon.port;
    const next = await freePort();
    writeFileSync(file, listeningOn(next));
    await reload(daemon);
    assert.equal(await get(next), `on ${next}`);
    await daemon.waitForLog("no longer listening");
    assert.equal(await isOpen(before), false);
    await daemon.stop();
  });

  test("that does not listen any more is not rolled out, and leaves nothing", async () => {
    const file = programFile(listeningOn(await freePort()));
    const daemon = await start(file);
    const { port } = daemon;
    const extra = await freePort();
    const bad = [
      "setTimeout(() => {}, 10);",
      `${listeningOn(extra)} throw new Error("oh");`,
      `${listeningOn(extra)} http.createServer().listen({ port: -1 });`,
    ];
    for (const source of bad) {
      writeFileSync(file, source);
      const since = daemon.logs.length;
      daemon.signal("SIGHUP");
      await daemon.waitForLog("reload failed; the old workers go on", {
        since,
      });
      await daemon.waitForLog("returned to the generation before", { since });
      assert.equal(await get(port), `on ${port}`);
    }
    assert.equal(await isOpen(extra), false);
    const { listening } = await daemon.status<{ listening: unknown[] }>();
    assert.equal(listening.length, 1);
    await daemon.stop();
  });

  test("that listens again and again does not take all descriptors", async () => {
    const source = `${HTTP}
      const refused = new Set();
      let open = 0;
      for (let count = 0; count < 200; count++) {
        const server = http.createServer();
        server.on("error", ({ code }) => refused.add(code));
        server.listen(0, "127.0.0.1", () => open++);
      }
      setTimeout(() => console.log("opened", open, ...refused), 1_000);
    `;
    const args = ["--workers", "1"];
    const daemon = await start(programFile(source), { args });
    await daemon.waitForLog("opened 64 EMFILE");
    const [pid = 0] = daemon.workerPids();
    const since = daemon.logs.length;
    process.kill(pid, "SIGKILL");
    await daemon.waitForLog("worker ready", { since });
    const { listening } = await daemon.status<{ listening: unknown[] }>();
    assert.equal(listening.length, 64);
    await daemon.stop();
  });

  test("may close a server, and listen again", async () => {
    const port = await freePort();
    const source = `${HTTP}
      const server = http.createServer((request, response) => {
        response.end("again");
        if (request.url === "/close") server.close(() => {
          console.log("closed", server.listening, server.address());
          server.listen(${port}, "127.0.0.1", () => console.log("listens again"));
        });
      });
      server.listen(${port}, "127.0.0.1");
    `;
    const args = ["--workers", "1"];
    const daemon = await start(programFile(source), { args });
    assert.equal(await get(port, "/close"), "again");
    await daemon.waitForLog(({ msg }) => msg === "listens again");
    assert.equal(said(daemon, "closed false null").length, 1);
    assert.equal(await get(port), "again");
    await daemon.stop();
  });

  test("is ready when it says so, if that is asked for", async () => {
    const source = `${HTTP}
      http.createServer().listen(0, "127.0.0.1", () => {
        setTimeout(() => {
          console.log("says ready");
          process.send("ready");
        }, 300);
      });
    `;
    const args = ["--workers", "1", "--wait-ready"];
    const daemon = await start(programFile(source), { args });
    const at = (text: string) => {
      return daemon.logs.findIndex(({ msg }) => msg === text);
    };
    assert.ok(at("says ready") >= 0);
    assert.ok(at("says ready") < at("worker ready"));
    await daemon.stop();
  });

  test("ends by itself when it has closed what it opened", async () => {
    const source = `${HTTP}
      const server = http.createServer().listen(0, "127.0.0.1");
      const pool = setInterval(() => {}, 1_000);
      process.on("SIGTERM", () => {
        server.close();
        setTimeout(() => clearInterval(pool), 100);
      });
      process.on("exit", (code) => console.log("exits with", code));
    `;
    const args = ["--workers", "1"];
    const daemon = await start(programFile(source), { args });
    daemon.signal("SIGTERM");
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    assert.equal(said(daemon, "exits with 0").length, 1);
    await daemon.stop();
  });

  test("of node:https does TLS as it says, with its own certificates", async () => {
    const files = ["server.key", "server.pem"].map((name) => {
      return JSON.stringify(tlsFixture(name));
    });
    const source = `
      const { readFileSync } = require("node:fs");
      const https = require("node:https");
      const server = https.createServer({
        key: readFileSync(${files[0]}), cert: readFileSync(${files[1]}),
      }, (request, response) => {
        const { encrypted, servername } = request.socket;
        response.end(JSON.stringify({ encrypted, servername }));
      });
      server.listen(0, "127.0.0.1");
    `;
    const daemon = await start(programFile(source));
    const { address } = daemon;
    assert.ok(address.tls, "the log says https");
    const ask = async () => {
      const request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      const { responses } = await exchange(address, request, {
        untilClosed: true,
      });
      return responses[0]?.body.toString();
    };
    const answer = await ask();
    assert.match(answer ?? "", /"encrypted":true/);
    await reload(daemon);
    assert.equal(await ask(), answer);
    await daemon.stop();
  });

  test("sets limits on its server, which hold", async () => {
    const source = `${HTTP}
      const server = http.createServer((request, response) => response.end());
      server.listen(0, "127.0.0.1");
      server.maxRequestsPerSocket = 2;
      server.maxConnections = 1;
      server.on("drop", () => console.log("dropped one"));
    `;
    const args = ["--workers", "1"];
    const daemon = await start(programFile(source), { args });
    const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const held = net.connect(daemon.port, "127.0.0.1");
    held.write(request);
    await once(held, "data");
    const other = net.connect(daemon.port, "127.0.0.1");
    other.on("error", () => {}); // a reset, if it has sent something
    await new Promise((resolve) => other.resume().on("close", resolve));
    await daemon.waitForLog("dropped one");
    held.write(request);
    const [last] = await once(held, "data");
    assert.match(String(last), /Connection: close/);
    await once(held, "end");
    held.destroy();
    await daemon.stop();
  });

  test("is told of requests that were refused, and cannot answer twice", async () => {
    const source = `${HTTP}
      const server = http.createServer((request, response) => response.end());
      server.listen(0, "127.0.0.1");
      server.on("clientError", ({ code }, socket) => {
        const { writable, remoteAddress } = socket;
        const facts = JSON.stringify({ code, writable, remoteAddress });
        console.log("refused", facts);
        socket.end("HTTP/1.1 418 I'm a teapot\\r\\n\\r\\n");
      });
    `;
    const daemon = await start(programFile(source));
    const { raw } = await exchange(
      daemon.address,
      "GET / HTTP/1.1\r\nHost: a\r\nBad field: 1\r\n\r\n",
      { untilClosed: true },
    );
    assert.match(String(raw), /^HTTP\/1\.1 400 Bad Request/);
    assert.doesNotMatch(String(raw), /418/);
    const line = await daemon.waitForLog(({ msg }) => {
      return String(msg).startsWith("refused ");
    });
    assert.deepEqual(JSON.parse(String(line.msg).slice("refused ".length)), {
      code: "HPE_INVALID_HEADER_TOKEN",
      writable: false,
      remoteAddress: "127.0.0.1",
    });
    await daemon.stop();
  });

  test("of node:http2 is told the way out", async () => {
    const source = `require("node:http2").createServer().listen(0);`;
    const { code, stderr } = await runCli(["start", programFile(source)]);
    assert.equal(code, 2);
    assert.match(stderr, /instead of a server of node:http2 make one of/);
  });

  test("tells its other workers what it broadcasts, and Socket.IO's adapter too", async () => {
    const source = `
      import http from "node:http";
      import { broadcast } from ${JSON.stringify(path.resolve("dist/index.js"))};
      const heard = [];
      process.on("message", (message) => heard.push(message));
      http.createServer((request, response) => {
        if (request.url === "/say") {
          for (let number = 0; number < 500; number++) broadcast({ number });
          process.send({ source: "_sio_adapter", type: 1, data: {} });
          process.send({ source: "other" });
        }
        response.end(JSON.stringify({ pid: process.pid, heard }));
      }).listen(0, "127.0.0.1");
    `;
    const args = ["--workers", "3"];
    const daemon = await start(programFile(source, "server.mjs"), { args });
    const said = JSON.parse(await get(daemon.port, "/say"));
    const heardBy = new Map<number, unknown[]>();
    const haveHeard = async () => {
      const { pid, heard } = JSON.parse(await get(daemon.port));
      heardBy.set(pid, heard);
      const counts = [...heardBy.values()].map(({ length }) => length);
      return String(counts.sort()) === "0,501,501";
    };
    await waitUntil(haveHeard, { what: "all workers to hear it" });
    assert.deepEqual(heardBy.get(said.pid), []);
    heardBy.delete(said.pid);
    for (const heard of heardBy.values()) {
      const last = heard.pop();
      assert.deepEqual(last, { source: "_sio_adapter", type: 1, data: {} });
      const inOrder = heard.every((message, number) => {
        return (message as { number: number }).number === number;
      });
      assert.ok(inOrder);
    }
    await daemon.stop();
  });

  test("ends connections that it has upgraded, once only such are left", async () => {
    const source = `${HTTP}
      const server = http.createServer().listen(0, "127.0.0.1");
      const sockets = new Set();
      server.on("upgrade", (request, socket) => {
        sockets.add(socket);
        socket.on("error", () => {});
        socket.write("HTTP/1.1 101 Switching Protocols\\r\\n" +
          "Connection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n");
      });
      process.on("SIGTERM", () => {
        for (const socket of sockets) socket.end("goodbye");
        server.close(() => process.exit(0));
      });
    `;
    const args = ["--workers", "1"];
    const daemon = await start(programFile(source), { args });
    const client = net.connect(daemon.port, "127.0.0.1");
    client.write(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
    );
    const [head] = await once(client, "data");
    assert.match(String(head), / 101 /);
    const since = daemon.logs.length;
    daemon.signal("SIGHUP");
    const [last] = await once(client, "data");
    assert.equal(String(last), "goodbye");
    client.end();
    const left = await daemon.waitForLog("worker left", { since });
    assert.ok(Number(left.seconds) < 8, `left after ${left.seconds} s`);
    assert.equal(left.code, 0);
    await daemon.stop();
  });

  test("that forks itself is told whose task that is", async () => {
    const source = `${HTTP}
      const cluster = require("node:cluster");
      try { cluster.fork(); } catch ({ message }) { console.log(message); }
      if (!cluster.isPrimary) http.createServer().listen(0, "127.0.0.1");
    `;
    const daemon = await start(programFile(source));
    assert.equal(said(daemon, "which forks the workers itself").length, 2);
    await daemon.stop();
  });
});

async function portInUse() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  return { server, port };
}

function listeningOn(port: number): string {
  return `${HTTP}
    http.createServer((request, response) => response.end("on ${port}"))
      .listen(${port}, "127.0.0.1");
  `;
}
