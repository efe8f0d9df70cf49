import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { Effect } from "../../../src/master/supervisor/effect.ts";
import type { ReloadOutcome } from "../../../src/master/supervisor/rollout/reload-outcome.ts";
import type { WorkerHandle } from "../../../src/master/supervisor/workers/worker-handle.ts";
import { DaemonSpans } from "../../../src/master/tracing/daemon-spans.ts";
import { memoryLogger } from "../../worker/memory-logger.ts";
import { FakeSdk, SPAN_IDS } from "../../worker/tracing/fake-sdk.ts";

const ERROR = 2;
const AT = "2026-01-01T00:00:00.000Z";

function workerIn(slot: number, failure?: { message: string }): WorkerHandle {
  const worker = { slot, generation: 2, pid: 100 + slot, failure };
  return worker as Partial<WorkerHandle> as WorkerHandle;
}

function boot(worker: WorkerHandle): Effect {
  return { type: "bootWorker", worker, folder: undefined, mayAccept: true };
}

function ready(worker: WorkerHandle): Effect {
  return { type: "workerReady", worker, routes: [], hasApp: true };
}

function ended(result: ReloadOutcome["result"], error?: string): Effect {
  const outcome = { result, at: AT, ...(error !== undefined && { error }) };
  return { type: "reloadEnded", outcome };
}

const RELOADING: Effect = { type: "reloading" };

/** The names of the spans, with "failed" where they have. */
function spansOf(t: TestContext, ...effects: readonly Effect[]): string[] {
  const sdk = FakeSdk.register(t);
  const spans = new DaemonSpans(undefined);
  for (const effect of effects) spans.onEffect(effect);
  return sdk.ended.map(({ name, status }) => {
    return status?.code === ERROR ? `${name} failed` : name;
  });
}

describe("the spans of the master", () => {
  test("are none without an SDK", () => {
    const spans = new DaemonSpans(SPAN_IDS);
    spans.onEffect(RELOADING);
    spans.onEffect(boot(workerIn(1)));
    assert.equal(spans.upgrade, undefined);
  });

  test("are those of a rolling restart", (t) => {
    const [older, newer] = [workerIn(1), workerIn(1)];
    const spans = spansOf(
      t,
      RELOADING,
      boot(newer),
      ready(newer),
      { type: "drainWorker", worker: older },
      ended("success"),
      { type: "workerGone", worker: older },
    );
    const names = ["start worker", "rolling restart", "drain worker"];
    assert.deepEqual(spans, names);
  });

  test("tell what has failed", (t) => {
    const bad = workerIn(1, { message: "no luck" });
    const spans = spansOf(
      t,
      RELOADING,
      boot(bad),
      { type: "workerGone", worker: bad },
      ended("failure", "a worker failed"),
      { type: "spawnIncoming" },
      { type: "answerAdmin" },
    );
    assert.deepEqual(spans, [
      "start worker failed",
      "rolling restart failed",
      "upgrade failed",
    ]);
  });

  test("outlive the end of a reload that was superseded", (t) => {
    const effects = [RELOADING, RELOADING, ended("superseded")];
    assert.deepEqual(spansOf(t, ...effects), ["rolling restart"]);
  });

  test("are not those of workers that start for other reasons", (t) => {
    const worker = workerIn(1);
    assert.deepEqual(spansOf(t, boot(worker), ready(worker)), []);
  });

  test("of an incoming master are those of its first workers", (t) => {
    const sdk = FakeSdk.register(t);
    const spans = new DaemonSpans(SPAN_IDS);
    const [first, later] = [workerIn(1), workerIn(1)];
    for (const effect of [boot(first), ready(first)]) spans.onEffect(effect);
    spans.onEffect({ type: "started", workers: 1 });
    for (const effect of [boot(later), ready(later)]) spans.onEffect(effect);
    assert.equal(sdk.ended.length, 1);
  });

  test("end, and are exported, when the master leaves", async (t) => {
    const sdk = FakeSdk.register(t);
    let hasFlushed = false;
    sdk.forceFlush = async () => {
      hasFlushed = true;
    };
    const spans = new DaemonSpans(undefined);
    spans.onEffect({ type: "spawnIncoming" });
    spans.onEffect({ type: "drainWorker", worker: workerIn(1) });
    await spans.close(memoryLogger().logger);
    const names = sdk.ended.map(({ name }) => name);
    assert.deepEqual(names, ["drain worker", "upgrade"]);
    assert.ok(hasFlushed);
  });
});
