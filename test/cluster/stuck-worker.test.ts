import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import { startStrictClient } from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/trouble-app.js";
const HEARTBEAT_TIMEOUT_MS = 2_000;
/** The last heartbeat may be new, the look late, the question be in vain. */
const FOUND_WITHIN_MS = HEARTBEAT_TIMEOUT_MS + 3_000;

const reports = mkdtempSync(path.join(tmpdir(), "remuda-stuck-"));
after(async () => {
  await stopAllDaemons();
  rmSync(reports, { recursive: true });
});

interface Status {
  readonly workers: readonly {
    readonly slot: number;
    readonly pid: number;
    readonly state: string;
  }[];
}

interface Report {
  readonly complaint: string;
  readonly process: { readonly state: string; readonly cpuShare: number };
  readonly stacks?: readonly (readonly string[])[];
}

function start(...args: readonly string[]): Promise<Daemon> {
  return startDaemon({
    app: APP,
    args: [
      ...["--workers", "2", "--report-dir", reports],
      ...["--heartbeat-timeout-ms", String(HEARTBEAT_TIMEOUT_MS)],
      ...args,
    ],
  });
}

async function readyPids(daemon: Daemon): Promise<number[]> {
  const { workers } = await daemon.status<Status>();
  const ready = workers.filter(({ state }) => state === "ready");
  return ready.map(({ pid }) => pid);
}

/** Asks for what never ends; resolves when its worker is gone. */
function ask(daemon: Daemon, target: string) {
  const request = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
  return exchange(daemon.address, request, {
    untilClosed: true,
    timeoutMs: 60_000,
  });
}

async function killedIn(daemon: Daemon) {
  const line = await daemon.waitForLog("killed worker", {
    timeoutMs: 2 * FOUND_WITHIN_MS,
  });
  const file = String(line.report);
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  return { line, report };
}

/** What it has answered is from workers that live. */
function startClient(daemon: Daemon) {
  return startStrictClient({
    ...daemon.address,
    connections: 8,
    keepAlive: true,
    pauseMs: { min: 0, max: 40 },
    requestTimeoutMs: 15_000,
    mix: [{ method: "GET", path: "/" }],
  });
}

describe("a worker whose event loop is blocked", { concurrency: 2 }, () => {
  test("is found, reported and replaced; others go on", async (t) => {
    const daemon = await start();
    const calm = startClient(daemon);
    await delay(FOUND_WITHIN_MS);
    const before = await calm.stop();

    const pids = await readyPids(daemon);
    const client = startClient(daemon);
    const isUnderWay = () => client.report.answered > 100;
    await waitUntil(isUnderWay, { what: "load", timeoutMs: 60_000 });
    const blockedAt = performance.now();
    const blocked = ask(daemon, "/block");
    await daemon.waitForLog(({ msg }) => String(msg).includes("given up"), {
      timeoutMs: 2 * FOUND_WITHIN_MS,
    });
    const foundMs = performance.now() - blockedAt;
    const isReplaced = async () => {
      const ready = await readyPids(daemon);
      return ready.length === 2 && ready.some((pid) => !pids.includes(pid));
    };
    const what = "the blocked worker to be replaced";
    await waitUntil(isReplaced, { what, timeoutMs: 60_000 });
    const replacedMs = performance.now() - blockedAt;
    assert.deepEqual((await blocked).responses, []);
    const during = await client.stop();

    const { line, report } = await killedIn(daemon);
    assert.match(
      String((line.stack as string[])[0]),
      /^spinForEver \(.*app\.js/,
    );
    assert.match(report.stacks?.[0]?.[1] ?? "", /^troubledHandler /);
    const samples = report.stacks?.length ?? 0;
    assert.ok(samples >= 1 && samples <= 3, `${samples} samples`);
    assert.ok(foundMs < FOUND_WITHIN_MS, `found after ${foundMs} ms`);
    // What the blocked worker had begun is lost with it, and nothing else.
    assert.ok(during.failureCount <= 8, JSON.stringify(during.failures));
    const { p99 } = during.latenciesMs;
    assert.ok(p99 < 500, `p99 ${p99} ms`);
    t.diagnostic(
      `found after ${foundMs.toFixed()} ms, replaced after ` +
        `${replacedMs.toFixed()} ms, ${during.answered} answered, ` +
        `${during.failureCount} failed, p99 ${p99.toFixed(1)} ms ` +
        `(${before.latenciesMs.p99.toFixed(1)} ms before), ` +
        `max ${during.latenciesMs.max.toFixed()} ms`,
    );
    await daemon.stop();
  });

  test("by a regular expression says so", async () => {
    const daemon = await start("--workers", "1");
    ask(daemon, "/match");
    const { report } = await killedIn(daemon);
    assert.match(report.stacks?.[0]?.[0] ?? "", /^matchForEver /);
    await daemon.stop();
  });

  test("by what is not JavaScript is reported from the outside", async () => {
    const daemon = await start("--workers", "1");
    ask(daemon, "/sleep");
    const { report } = await killedIn(daemon);
    assert.deepEqual(report.stacks, []);
    assert.match(report.process.state, /^S /);
    assert.ok(report.process.cpuShare < 0.5, "it waits");
    await daemon.stop();
  });

  test("is killed without a watchdog as well", async () => {
    const daemon = await start("--workers", "1", "--no-watchdog");
    ask(daemon, "/block");
    const { report } = await killedIn(daemon);
    assert.equal(report.stacks, undefined);
    assert.match(report.process.state, /^R /);
    await daemon.stop();
  });

  test("as it starts is reported, and the server gives up", async () => {
    const app = "test/fixtures/blocked-start-app.js";
    const args = ["--start-timeout-ms", "6000", "--report-dir", reports];
    const starting = startDaemon({ app, args: ["--workers", "1", ...args] });
    await assert.rejects(starting, (error: Error) => {
      assert.match(error.message, /"reason":"start_timeout"/);
      assert.match(error.message, /blocked-start-app\.js:\d+/);
      assert.match(error.message, /not ready within startTimeoutMs/);
      return true;
    });
  });
});

describe("a worker that is stopped", { concurrency: 2 }, () => {
  test("is reported from the outside", async () => {
    const daemon = await start();
    const [stopped] = await readyPids(daemon);
    assert.ok(stopped);
    process.kill(stopped, "SIGSTOP");
    const { line, report } = await killedIn(daemon);
    assert.equal(line.workerPid, stopped);
    assert.equal(report.stacks, undefined);
    assert.match(report.process.state, /^T /);
    await daemon.stop();
  });

  test("gets no more connections, and answers when it goes on", async () => {
    const daemon = await start("--heartbeat-timeout-ms", "60000");
    const [stopped] = await readyPids(daemon);
    assert.ok(stopped);
    process.kill(stopped, "SIGSTOP");
    const first = Array.from({ length: 4 }, () => ask(daemon, "/pid"));
    const answered = await Promise.race([
      Promise.all(first).then(() => "all"),
      delay(500, "some"),
    ]);
    assert.equal(answered, "some", "some were given to the stopped worker");
    for (let count = 0; count < 20; count++) {
      const { responses } = await ask(daemon, "/pid");
      assert.notEqual(responses[0]?.body.toString(), String(stopped));
    }
    process.kill(stopped, "SIGCONT");
    for (const { responses } of await Promise.all(first)) {
      assert.equal(responses[0]?.status, 200);
    }
    await daemon.stop();
  });
});
