import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { CpuQuota } from "../../../bench/cpu-quota.ts";
import { parseRunNanos, runMicros } from "../../../bench/run-time.ts";

const missing = CpuQuota.missing();

test("a process with a quota runs for its part of the time", {
  skip: missing ?? false,
}, async () => {
  const quota = new CpuQuota(0.1);
  const busy = spawn(process.execPath, ["-e", "for (;;) {}"]);
  try {
    await once(busy, "spawn");
    const pids = [busy.pid as number];
    quota.add(pids);
    // What it has used before is paid back first.
    await delay(200);
    const [beganMs, before] = [performance.now(), runMicros(pids)];
    await delay(400);
    const micros = runMicros(pids) - before;
    const share = micros / 1000 / (performance.now() - beganMs);
    assert.ok(share < 0.2, `it had ${share} of a core`);
  } finally {
    busy.kill("SIGKILL");
    await once(busy, "exit");
    await quota.close();
  }
});

test("the time that a thread ran is the first figure of its line", () => {
  assert.equal(parseRunNanos("202530 112816 2\n"), 202530);
});
