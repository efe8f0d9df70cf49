import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { cpuShare } from "../support/cpu-share.ts";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { projectFolder } from "../support/project-folder.ts";
import { exchange } from "../support/raw-exchange.ts";
import { waitUntil } from "../support/wait-until.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

const MAX_MASTER_CPU = 0.05;
const WATCHED_MS = 10_000;
/** Of master and workers together, in that time. */
const MAX_LINES = 40;

const CRASHES_AT_START = 'throw new Error("no database");';
const CRASHES_SOON = `setTimeout(() => {
  throw new Error("lost it");
}, 1_000);`;
const NEVER_READY = "await new Promise(() => {});";

after(stopAllDaemons);

interface Status {
  readonly degraded: {
    readonly failures: number;
    readonly lastFailure: { readonly reason: string; readonly error: string };
  } | null;
  readonly workers: readonly { readonly state: string; readonly pid: number }[];
}

/** An app that does this, besides answering. */
function appThat(does: string): string {
  return `import { createApp, text } from "remuda";
${does}
export default createApp().get("/", () => text("hello"));
`;
}

/** A running daemon whose app has become another one, for new workers. */
async function daemonWhoseAppNow(t: TestContext, does: string) {
  const folder = projectFolder(t);
  const app = path.join(folder, "app.mjs");
  writeFileSync(app, appThat(""));
  const limits = ["--crash-loop-window-ms", "20000"];
  const reports = ["--report-dir", path.join(folder, "reports")];
  const drain = ["--drain-deadline-ms", "2000", "--drain-linger-ms", "0"];
  const daemon = await startDaemon({
    app,
    args: [
      "--workers",
      "2",
      ...limits,
      ...reports,
      ...drain,
      ...startTimeout(does),
    ],
  });
  writeFileSync(app, appThat(does));
  const { workers } = await daemon.status<Status>();
  for (const { pid } of workers) process.kill(pid, "SIGKILL");
  const mend = () => writeFileSync(app, appThat(""));
  return { daemon, mend };
}

/**
 * Shorter where it is to be waited for; then two kills and one start that fails
 * make a loop. A busy
 * machine must be able to start a good app in that time.
 */
function startTimeout(does: string): string[] {
  if (does !== NEVER_READY) return [];
  const failures = ["--crash-loop-max-failures", "3"];
  return ["--start-timeout-ms", "12000", ...failures];
}

function isReady({ state }: { readonly state: string }): boolean {
  return state === "ready";
}

async function untilDegraded(daemon: Daemon): Promise<void> {
  await daemon.waitForLog(({ msg }) => String(msg).startsWith("degraded"), {
    timeoutMs: 60_000,
  });
}

describe("an app", { concurrency: 2 }, () => {
  for (const [what, does, reason, error] of [
    ["that crashes at start", CRASHES_AT_START, "start_failed", /no database/],
    ["that crashes after 1 s", CRASHES_SOON, "crash", /ended with code 1/],
    ["that is never ready", NEVER_READY, "start_failed", /startTimeoutMs/],
  ] as const) {
    test(`${what} makes no hot loop, and can be mended`, async (t) => {
      const { daemon, mend } = await daemonWhoseAppNow(t, does);
      await untilDegraded(daemon);
      const linesBefore = daemon.logs.length;
      const share = await cpuShare(daemon.pid, WATCHED_MS);
      const lines = daemon.logs.length - linesBefore;
      t.diagnostic(
        `master: ${(share * 100).toFixed(2)} % of a core, ${lines} lines ` +
          `in ${WATCHED_MS / 1000} s`,
      );
      assert.ok(share < MAX_MASTER_CPU, `the master takes ${share} of a core`);
      assert.ok(lines <= MAX_LINES, `${lines} lines`);

      const { degraded } = await daemon.status<Status>();
      assert.equal(degraded?.lastFailure.reason, reason);
      assert.match(degraded?.lastFailure.error ?? "", error);
      assert.equal((await daemon.get("/healthz")).status, 503);
      assert.equal(await daemon.metricSum("server_degraded"), 1);

      // Who comes meanwhile waits, and is answered by the first good worker.
      const ask = async () => {
        const until = { untilClosed: true, timeoutMs: 60_000 } as const;
        return (await exchange(daemon.address, GET, until)).responses[0];
      };
      const waiting = ask();
      mend();
      daemon.signal("SIGHUP");
      await daemon.waitForLog("no longer degraded", { timeoutMs: 60_000 });
      const isWell = async () => {
        const { workers } = await daemon.status<Status>();
        return workers.filter(isReady).length >= 2;
      };
      await waitUntil(isWell, { what: "two workers", timeoutMs: 60_000 });
      let answer = await waiting;
      // A worker that was ready and then crashed may have taken the client.
      if (!answer && reason === "crash") answer = await ask();
      assert.equal(answer?.status, 200);
      assert.equal((await daemon.get("/healthz")).status, 200);
      await daemon.stop();
    });
  }

  test("that comes back by itself needs no reload", async (t) => {
    const { daemon, mend } = await daemonWhoseAppNow(t, CRASHES_AT_START);
    await untilDegraded(daemon);
    mend();
    const line = await daemon.waitForLog("no longer degraded", {
      timeoutMs: 60_000,
    });
    assert.ok(Number(line.failures) >= 5);
    assert.equal((await daemon.get("/healthz")).status, 200);
    await daemon.stop();
  });

  for (const [what, does, says] of [
    ["crashes", CRASHES_AT_START, /no database/],
    ["is not ready", NEVER_READY, /not ready within startTimeoutMs/],
  ] as const) {
    test(`that ${what} at the first start ends it, with code 2`, async (t) => {
      const folder = projectFolder(t);
      const app = path.join(folder, "app.mjs");
      writeFileSync(app, appThat(does));
      const reports = ["--report-dir", path.join(folder, "reports")];
      const timeout = ["--start-timeout-ms", "3000"];
      const args = ["--workers", "2", ...timeout, ...reports];
      const failing = startDaemon({ app, args });
      await assert.rejects(failing, ({ message }: Error) => {
        assert.match(message, /exited with 2/);
        assert.match(message, says);
        return true;
      });
    });
  }
});
