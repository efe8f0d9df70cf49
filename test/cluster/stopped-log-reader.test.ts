import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import path from "node:path";
import { after, describe, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import {
  type StrictClient,
  startStrictClient,
} from "../support/strict-client.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/fixtures/busy-app.js";
const LOST = "server_log_lines_lost_total";
/** Far more lines than any pipe or socket takes. */
const MANY = 3_000;

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

const options = {
  app: APP,
  args: [
    ...["--workers", "2", "--drain-linger-ms", "2000"],
    ...["--drain-deadline-ms", "3000"],
  ],
};

/** A pipe, as of a shell; what Node gives to a child is a socket. */
function withPipe() {
  const fifo = path.join(temporaryFolder(), "stdout");
  execFileSync("mkfifo", [fifo]);
  const { O_RDONLY, O_NONBLOCK } = constants;
  const fd = openSync(fifo, O_RDONLY | O_NONBLOCK);
  const output = new Socket({ fd, readable: true, writable: false });
  const launcher = ["sh", "-c", `exec "$@" > ${fifo}`, "sh"];
  return startDaemon({ ...options, launcher, output });
}

function reloads(daemon: Daemon): Promise<number> {
  return daemon.metricSum("server_reloads_total", { result: "success" });
}

function startLoad(daemon: Daemon, target = "/"): StrictClient {
  return startStrictClient({
    ...daemon.address,
    connections: 16,
    keepAlive: true,
    pauseMs: { min: 0, max: 0 },
    requestTimeoutMs: 15_000,
    mix: [
      { method: "GET", path: target, expectStatus: target === "/" ? 200 : 404 },
    ],
  });
}

async function untilAnswered(client: StrictClient, count: number) {
  const isDone = () => client.report.answered >= count;
  const what = `${count} answers`;
  await waitUntil(isDone, { what, timeoutMs: 60_000 });
}

function requestLines(daemon: Daemon): number {
  return daemon.logs.filter(({ msg }) => msg === "request").length;
}

const KINDS = [
  { name: "a pipe", start: withPipe },
  { name: "a socket", start: () => startDaemon(options) },
];

describe("a reader of the log that stops", { concurrency: 2 }, () => {
  for (const { name, start } of KINDS) {
    test(`of ${name} holds up nothing, and gets or counts each line`, async () => {
      const daemon = await start();
      daemon.pauseReading();
      const client = startLoad(daemon);
      await untilAnswered(client, MANY);
      assert.equal((await daemon.get("/livez")).status, 200);
      daemon.signal("SIGHUP");
      const hasReloaded = async () => (await reloads(daemon)) > 0;
      await waitUntil(hasReloaded, { what: "a reload", timeoutMs: 40_000 });
      await untilAnswered(client, client.report.answered + 100);
      const { failures, answered } = await client.stop();
      assert.deepEqual(failures, []);
      assert.ok(requestLines(daemon) < answered, "it has stopped");

      daemon.resumeReading();
      // A worker that the reload has replaced may have been gone by then.
      const seen = async () => {
        return requestLines(daemon) + (await daemon.metricSum(LOST));
      };
      await waitUntil(async () => (await seen()) >= answered, {
        what: "a line for each request",
        timeoutMs: 15_000,
      });
      assert.deepEqual(
        daemon.logs.filter(({ unparsed }) => unparsed !== undefined),
        [],
      );
      await daemon.stop();
      assert.ok(requestLines(daemon) <= answered);
    });
  }

  test("for long loses lines, counted and said, and does not hold the exit", async () => {
    const daemon = await withPipe();
    daemon.pauseReading();
    // Each line is long: its path is in it.
    const client = startLoad(daemon, `/${"a".repeat(7_000)}`);
    const hasLost = async () => (await daemon.metricSum(LOST)) > 0;
    await waitUntil(hasLost, { what: "lines to be lost", timeoutMs: 60_000 });
    const { failures } = await client.stop();
    assert.deepEqual(failures, []);

    daemon.resumeReading();
    const { lines } = await daemon.waitForLog("log lines were lost", {
      timeoutMs: 20_000,
    });
    assert.ok(Number(lines) > 0);

    daemon.pauseReading();
    const again = startLoad(daemon);
    await untilAnswered(again, MANY);
    await again.stop();
    daemon.signal("SIGTERM");
    const { code } = await daemon.exited;
    assert.equal(code, 0);
  });
});
