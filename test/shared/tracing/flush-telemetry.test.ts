import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { flushTelemetry } from "../../../src/shared/tracing/flush-telemetry.ts";
import { memoryLogger } from "../../worker/memory-logger.ts";
import { FakeSdk } from "../../worker/tracing/fake-sdk.ts";

/** What is logged when the SDK flushes so. */
async function logOf(t: TestContext, flush: () => Promise<void>) {
  FakeSdk.register(t).forceFlush = flush;
  const { logger, lines } = memoryLogger();
  await flushTelemetry({ logger, timeoutMs: 20 });
  return lines.map(({ msg }) => msg);
}

describe("the last spans", () => {
  test("are none where nothing is registered", async () => {
    const { logger, lines } = memoryLogger();
    await flushTelemetry({ logger, timeoutMs: 60_000 });
    assert.deepEqual(lines, []);
  });

  test("are waited for", async (t) => {
    let hasFlushed = false;
    const lines = await logOf(t, async () => {
      hasFlushed = true;
    });
    assert.ok(hasFlushed);
    assert.deepEqual(lines, []);
  });

  test("are given up where the receiver does not answer", async (t) => {
    const lines = await logOf(t, () => new Promise(() => {}));
    assert.deepEqual(lines, ["the last spans were not exported in time"]);
  });

  test("are reported where the export fails", async (t) => {
    const lines = await logOf(t, () => Promise.reject(new Error("refused")));
    assert.deepEqual(lines, ["the last spans could not be exported"]);
  });

  test("are reported where the SDK throws", async (t) => {
    const lines = await logOf(t, () => {
      throw new Error("no such function");
    });
    assert.deepEqual(lines, ["the last spans could not be exported"]);
  });
});
