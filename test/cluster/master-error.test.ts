import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

/** In the master alone: a signal that nothing else uses makes it throw. */
const PRELOAD = `
  if (process.env.NODE_UNIQUE_ID === undefined) {
    process.on("SIGALRM", () => { throw new Error("thrown"); });
    process.on("SIGVTALRM", () => { Promise.reject(new Error("rejected")); });
  }
`;

function startFaulty() {
  const preload = path.join(temporaryFolder(), "preload.mjs");
  writeFileSync(preload, PRELOAD);
  const drain = ["--drain-linger-ms", "0", "--drain-pre-stop-delay-ms", "0"];
  return startDaemon({
    app: "test/fixtures/trouble-app.js",
    args: ["--workers", "2", ...drain],
    env: { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` },
  });
}

for (const [signal, message] of [
  ["SIGALRM", "thrown"],
  ["SIGVTALRM", "rejected"],
] as const) {
  test(`an error that is ${message} in the master has the workers drain`, async () => {
    const daemon = await startFaulty();
    const request = "GET /slow/1000 HTTP/1.1\r\nHost: a\r\n\r\n";
    const answer = exchange(daemon.address, request, {
      untilClosed: true,
      timeoutMs: 60_000,
    });
    const active = "http_server_active_requests";
    await waitUntil(async () => (await daemon.metricSum(active)) === 1, {
      what: "the request to be handled",
    });
    daemon.signal(signal);
    const stops = "uncaught exception; the server stops";
    const { level, err } = await daemon.waitForLog(stops);
    assert.equal(level, 60, "fatal");
    assert.match(JSON.stringify(err), new RegExp(message));
    assert.equal((await answer).responses[0]?.status, 200);
    assert.deepEqual(await daemon.exited, { code: 1, signal: null });
    assert.equal(daemon.processes().length, 0);
    await daemon.stop();
  });
}
