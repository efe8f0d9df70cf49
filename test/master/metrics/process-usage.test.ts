import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readUsage } from "../../../src/master/metrics/process-usage.ts";
import { WorkerHandle } from "../../../src/master/supervisor/workers/worker-handle.ts";
import { settingsSchema } from "../../../src/shared/config/settings.ts";
import { fakeFork } from "../supervisor/workers/fake-worker-process.ts";

const settings = settingsSchema.parse({});
/** Above what Linux gives (2 ** 22): no process has it. */
const NO_PID = 2 ** 22 + 7;

function workerWith(pid: number): WorkerHandle {
  const identity = {
    slot: 1,
    generation: 1,
    settings,
    startedAt: 0,
    chance: 0,
  };
  const events = {
    onMessage: () => {},
    onArrived: () => {},
    onWatchdog: () => {},
    onRefused: () => {},
    onViolation: () => {},
    onGone: () => {},
  };
  return new WorkerHandle(fakeFork(pid).fork, identity, events);
}

async function measure(...workers: readonly WorkerHandle[]): Promise<void> {
  await readUsage(workers, (worker, usage) => worker.recordUsage(usage));
}

describe("the usage of a worker's process", () => {
  it("is its memory and CPU time", async () => {
    const worker = workerWith(process.pid);
    await measure(worker);
    const { rss } = process.memoryUsage();
    const ratio = worker.memoryBytes / rss;
    assert.ok(ratio > 0.5 && ratio < 2, `${worker.memoryBytes} of ${rss}`);
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / 1e6;
    assert.ok(worker.cpuSeconds > 0);
    assert.ok(worker.cpuSeconds <= seconds + 0.1, "no more than there was");
  });

  it("never has less CPU time than before", async () => {
    const worker = workerWith(process.pid);
    worker.recordUsage({ memoryBytes: 0, cpuSeconds: 1_000_000 });
    await measure(worker);
    assert.equal(worker.cpuSeconds, 1_000_000);
  });

  it("stays as it was where the process has gone, for others not", async () => {
    const gone = workerWith(NO_PID);
    gone.recordUsage({ memoryBytes: 5, cpuSeconds: 6 });
    const live = workerWith(process.pid);
    await measure(gone, workerWith(0), live);
    assert.equal(gone.memoryBytes, 5);
    assert.equal(gone.cpuSeconds, 6);
    assert.ok(live.memoryBytes > 0);
  });
});
