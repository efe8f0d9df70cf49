/** `remuda logs`, `remuda log-level` and the formats of lines. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { httpGet } from "../support/http-get.ts";
import { runCli } from "../support/run-cli.ts";
import { type CliProcess, spawnCli } from "../support/spawn-cli.ts";
import { waitUntil } from "../support/wait-until.ts";

const app = "test/fixtures/logging-app.js";
const FOLLOWED = { what: "the followed lines" };
const DEATH = "worker died; a new one follows";

interface Line {
  readonly msg: string;
  readonly level: number;
  readonly role: string;
  readonly worker?: number;
  readonly [field: string]: unknown;
}

let daemon: Daemon;

before(async () => {
  daemon = await startDaemon({ app, args: ["--workers", "2"] });
});
after(stopAllDaemons);

function tell(...args: string[]) {
  const env = { REMUDA_RUNTIME_DIR: daemon.runtimeFolder };
  return runCli(args, { env });
}

/** The lines that `remuda logs` prints. */
async function logs(...args: string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await tell("logs", ...args);
  assert.equal(code, 0, stderr);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Line);
}

function say(text: string, level = "info") {
  const query = new URLSearchParams({ text, level });
  return httpGet(daemon.port, `/say?${query}`);
}

/** A worker that dies answers no request, and is replaced. */
async function die(text: string): Promise<void> {
  const since = daemon.logs.length;
  await assert.rejects(httpGet(daemon.port, `/die?text=${text}`));
  await daemon.waitForLog(DEATH, { since });
  await daemon.waitForLog("worker ready", { since });
}

const running = new Set<CliProcess>();
after(() => {
  for (const child of running) child.kill();
});

/** A command that goes on, and what it has printed. */
function follow(...args: string[]) {
  const env = { REMUDA_RUNTIME_DIR: daemon.runtimeFolder };
  const child = spawnCli(["logs", "--follow", ...args], { env });
  running.add(child);
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    printed.stderr += text;
  });
  const has = (text: string) => {
    const what = `"${text}" among the followed lines`;
    return waitUntil(() => printed.stdout.includes(text), { what });
  };
  const exited = once(child, "close").then(([code]) => {
    running.delete(child);
    return code;
  });
  return { child, printed, has, exited };
}

describe("remuda logs", () => {
  test("shows recent lines of the master and all workers", async () => {
    await say("of-a-worker");
    await httpGet(daemon.port, "/print?text=printed");
    const lines = await logs();
    const said = lines.find(({ msg }) => msg === "of-a-worker");
    assert.equal(said?.role, "worker");
    assert.equal(typeof said?.request_id, "string");
    assert.ok(lines.some(({ msg }) => msg === "printed"));
    assert.ok(
      lines.some(({ role, msg }) => role === "master" && msg === "ready"),
    );
    const times = lines.map(({ time }) => Number(time));
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
  });

  test("has the last lines of a worker that was killed", async () => {
    await die("last-words");
    const lines = await logs();
    const last = lines.findIndex(({ msg }) => msg === "last-words");
    const death = lines.findIndex(({ msg }) => msg === DEATH);
    assert.ok(last >= 0 && last < death, "before the master's line");
  });

  test("shows lines of a worker, from a level, and so many", async () => {
    await say("severe", "error");
    const severe = await logs("--level", "error");
    assert.ok(severe.length > 0 && severe.every(({ level }) => level >= 50));
    const ofMaster = await logs("--worker", "0");
    assert.ok(ofMaster.length > 0);
    assert.ok(ofMaster.every(({ role }) => role === "master"));
    const ofOne = await logs("--worker", "1");
    assert.ok(
      ofOne.every(({ role, worker }) => role !== "master" && worker === 1),
    );
    const all = await logs();
    assert.deepEqual(await logs("--lines", "3"), all.slice(-3));
    assert.deepEqual(await logs("--lines", "0"), []);
  });

  test("writes them for people, if told to", async () => {
    const { stdout } = await tell("logs", "--log-format", "pretty");
    assert.match(
      stdout,
      /^[\d:.]+ INFO {2}worker [12] {2}of-a-worker {2}request_id=/m,
    );
    assert.equal(stdout.includes("\u001b"), false, "no terminal, no colours");
  });

  test("refuses what it does not know, and says what it takes", async () => {
    for (const [args, why] of [
      [["--level", "loud"], /Allowed choices are trace, debug/],
      [["--worker", "x"], /--worker is "x"; it must be an integer, 0 to/],
      [["--lines", "10001"], /--lines is "10001"; .* 0 to 10000/],
    ] as const) {
      const { code, stdout, stderr } = await tell("logs", ...args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, why);
    }
    for (const query of ["lines=x", "worker=-1", "level=loud"]) {
      const { status, text } = await control(`logs?${query}`);
      assert.equal(status, 400);
      assert.match(text, /"error": "\w+ must be /);
    }
  });
});

/** A control call without the command. */
async function control(call: string) {
  const socketPath = daemon.controlSocketPath;
  const path = `/control/${call}`;
  const request = http.request({ socketPath, path, method: "POST" }).end();
  const [response] = (await once(request, "response")) as [
    http.IncomingMessage,
  ];
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode, text };
}

describe("remuda logs --follow", () => {
  test("shows new lines, also of workers that come and go", async () => {
    const { child, printed, has, exited } = follow("--lines", "0");
    await waitUntil(async () => {
      await say("first");
      return printed.stdout.includes("first");
    }, FOLLOWED);
    await die("last-one");
    await has("last-one");
    await has(DEATH);
    await say("again");
    await has("again");
    child.kill("SIGINT");
    await exited;
    const lines = printed.stdout.trim().split("\n");
    const unique = new Set(lines);
    assert.equal(unique.size, lines.length, "each line once");
  });

  test("ends when nobody reads its output any more", async () => {
    const { child, has, exited } = follow();
    await has("listening");
    child.stdout.destroy();
    await say("to a closed pipe");
    assert.equal(await exited, 0);
  });

  test("tells a reader that stops what it has missed", async () => {
    const socketPath = daemon.controlSocketPath;
    const path = "/control/logs?follow&lines=0&level=info";
    const request = http.request({ socketPath, path, method: "POST" }).end();
    const [response] = (await once(request, "response")) as [
      http.IncomingMessage,
    ];
    let text = "";
    response.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    await waitUntil(async () => {
      await say("begun");
      return text.includes("begun");
    }, FOLLOWED);
    response.pause();
    const ROUNDS = 60;
    const LINES = 100;
    let slowestMs = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await httpGet(daemon.port, `/flood?lines=${LINES}`);
      const askedAt = performance.now();
      assert.equal((await daemon.get("/livez")).status, 200);
      slowestMs = Math.max(slowestMs, performance.now() - askedAt);
    }
    assert.ok(slowestMs < 1_000, `the master took ${slowestMs} ms`);
    response.resume();
    const found = () => {
      const lines = text.split("\n").slice(0, -1);
      const all = lines.map((line) => JSON.parse(line) as Line);
      const seen = all.filter(({ msg }) => msg === "flood").length;
      const notices = all.filter(({ msg }) => msg.includes("are not shown"));
      const missed = notices.reduce((sum, { lines }) => sum + Number(lines), 0);
      return { seen, missed };
    };
    await waitUntil(() => {
      const { seen, missed } = found();
      return missed > 0 && seen + missed >= ROUNDS * LINES;
    }, FOLLOWED);
    request.destroy();
  });

  test("is refused, where too many do", async () => {
    const socketPath = daemon.controlSocketPath;
    const path = "/control/logs?follow&lines=0";
    const requests = Array.from({ length: 16 }, () => {
      return http.request({ socketPath, path, method: "POST" }).end();
    });
    await Promise.all(requests.map((request) => once(request, "response")));
    const { code, stderr } = await tell("logs", "--follow");
    assert.equal(code, 1);
    assert.match(stderr, /16 clients follow the log already/);
    for (const request of requests) request.destroy();
    await waitUntil(async () => {
      const { child, exited, has } = follow("--lines", "1");
      const isRefused = await Promise.race([
        exited.then(() => true),
        has('"level"').then(() => false),
      ]);
      child.kill();
      return !isRefused;
    }, FOLLOWED);
  });
});

describe("remuda log-level", () => {
  test("changes the level of all processes, for a time", async () => {
    await tell("log-level", "reset");
    await say("quiet-before", "debug");
    const since = daemon.logs.length;
    const { code, stdout } = await tell("log-level", "debug", "--for", "3s");
    assert.deepEqual(
      [code, stdout],
      [0, "the log level is debug for 3s, then info\n"],
    );
    const status = await tell("status");
    assert.match(status.stdout, /^log level +debug for [\d.]+ s, then info$/m);
    await say("loud-now", "debug");
    await daemon.waitForLog("loud-now", { since });
    await daemon.waitForLog("child: loud-now", { since });
    const { logLevel } = await daemon.status<{ logLevel: object }>();
    assert.equal(
      "secondsLeft" in logLevel && logLevel.secondsLeft !== null,
      true,
    );
    await daemon.waitForLog(
      ({ msg, logLevel: level }) =>
        msg === "log level changed" && level === "info",
      { since },
    );
    await say("quiet-again", "debug");
    await say("the-end");
    await daemon.waitForLog("the-end", { since });
    const texts = daemon.logs.map(({ msg }) => msg);
    assert.equal(
      texts.some((msg) => /quiet-/.test(String(msg))),
      false,
    );
    assert.deepEqual((await daemon.status()).logLevel, {
      level: "info",
      configured: "info",
      secondsLeft: null,
    });
  });

  test("is that of new workers too, until it is reset", async () => {
    const since = daemon.logs.length;
    await tell("log-level", "debug");
    await die("for-a-new-worker");
    const reload = await tell("reload", "--wait");
    assert.equal(reload.code, 0, reload.stderr);
    await say("debug-of-a-new-one", "debug");
    await daemon.waitForLog("debug-of-a-new-one", { since });
    const { stdout } = await tell("log-level", "reset");
    assert.equal(stdout, "the log level is info again\n");
    await say("not-any-more", "debug");
    await say("only-this");
    await daemon.waitForLog("only-this", { since });
    assert.ok(!daemon.logs.some(({ msg }) => msg === "not-any-more"));
  });

  test("refuses what is not a level, or not a time", async () => {
    for (const [args, why] of [
      [[], /log-level needs a level: trace, debug, .*, silent, reset/],
      [["loud"], /the level is "loud"; it must be one of trace, /],
      [
        ["debug", "--for", "10"],
        /--for is "10"; it must be a time such as 90s/,
      ],
      [["debug", "--for", "25h"], /--for is "25h"; .*, 1s to 24h/],
      [["debug", "--for", "0s"], /--for is "0s"/],
    ] as const) {
      const { code, stdout, stderr } = await tell("log-level", ...args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, why);
    }
    for (const query of ["", "level=loud", "level=info&forMs=1"]) {
      const { status, text } = await control(`log-level?${query}`);
      assert.equal(status, 400);
      assert.match(text, /"error": "(?:level|forMs) must be /);
    }
  });
});

describe("the lines of remuda start", () => {
  test("are for people with --log-format pretty, also off a terminal", async () => {
    const child = spawnCli([
      ...["start", app, "--workers", "1", "--log-format", "pretty"],
      ...["--port", "0", "--admin-port", "0"],
    ]);
    running.add(child);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    await waitUntil(() => / ready {2}workers=1/.test(text), {
      what: "the line that all workers are ready",
    });
    assert.match(text, /^[\d:.]+ INFO {2}master {4}listening {2}host=/m);
    assert.equal(text.includes("\u001b"), false, "no terminal, no colours");
    child.kill("SIGQUIT");
    await once(child, "close");
    running.delete(child);
    assert.doesNotMatch(text, /^\{/m);
  });
});

describe("an upgrade and the end of the daemon", () => {
  test("are followed by remuda logs --follow", async () => {
    const { printed, has, exited } = follow("--lines", "1");
    await has("{");
    const upgrade = await tell("upgrade", "--wait");
    assert.equal(upgrade.code, 0, upgrade.stderr);
    await has('"msg":"the old master has left"');
    await say("by-the-new-one");
    await has("by-the-new-one");
    const stop = await tell("stop", "--now", "--wait");
    assert.equal(stop.code, 0, stop.stderr);
    assert.equal(await exited, 0);
    assert.equal(printed.stderr, "remuda: the daemon has ended\n");
    assert.match(printed.stdout, /"msg":"stopped"\}\n$/);
  });
});
