import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Subject } from "../operations/subject.ts";
import { stopAllDaemons } from "../support/daemon.ts";
import { exchange } from "../support/raw-exchange.ts";
import {
  removeTemporaryFolders,
  temporaryFolder,
} from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const CLIENTS = 20;

after(async () => {
  await stopAllDaemons();
  removeTemporaryFolders();
});

test("clients that the old master's workers had not taken are served by the new one's", async () => {
  const subject = await Subject.start({
    folder: temporaryFolder(),
    scheduling: "balanced",
    workers: 2,
    // They must not be found out before the new master is there.
    settings: { heartbeatTimeoutMs: 60_000 },
  });
  const { daemon } = subject;
  const old = await subject.readyWorkers();
  for (const { pid } of old) process.kill(pid, "SIGSTOP");
  const clients = Array.from({ length: CLIENTS }, () => {
    const options = { untilClosed: true, timeoutMs: 60_000 } as const;
    return exchange(daemon.address, GET, options);
  });
  const accepted = "server_connections_accepted_total";
  await waitUntil(async () => (await daemon.metricSum(accepted)) === CLIENTS, {
    what: "the old master to have accepted all",
  });
  await subject.signalUntil("SIGUSR2", ["upgraded"]);
  for (const { pid } of old) subject.kill(pid);
  for (const { responses } of await Promise.all(clients)) {
    assert.equal(responses[0]?.status, 200);
  }
  await subject.untilSettled();
  assert.equal(await daemon.metricSum(accepted), CLIENTS);
  await daemon.stop();
});
