/**
 * USR1 opens Node's debugger where nothing listens to it: whoever reaches that
 * port can run code. It may come from the first millisecond on.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Daemon } from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { processListens } from "../support/process-listens.ts";
import { signalIfAlive } from "../support/signal-if-alive.ts";
import { waitUntil } from "../support/wait-until.ts";

const USR1_BIT = 1n << 9n;
/** Workers have the ports after that of the master. */
const PORTS = 5;

/** Before that a USR1 ends it: Node itself has not begun. */
function isNode(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return [...status.matchAll(/^Sig(?:Blk|Cgt):\s*([0-9a-f]+)$/gm)].some(
      ([, mask]) => (BigInt(`0x${mask}`) & USR1_BIT) !== 0n,
    );
  } catch {
    return false;
  }
}

test("USR1 opens no debugger, however early, in master and workers", async (t) => {
  const first = await freePort();
  const daemon = new Daemon({
    args: ["--workers", "2"],
    env: { NODE_OPTIONS: `--inspect-port=${first}` },
  });
  t.after(() => daemon.stop());
  let isReady = false;
  const ready = daemon
    .waitForLog("ready", { timeoutMs: 60_000 })
    .finally(() => {
      isReady = true;
    });
  let sent = 0;
  while (!isReady) {
    for (const pid of [daemon.pid, ...daemon.workerPids()].filter(isNode)) {
      signalIfAlive(pid, "SIGUSR1");
      sent++;
    }
    await delay(1);
  }
  await ready;
  assert.ok(sent > 10);
  const ports = Array.from({ length: PORTS }, (_, index) => first + index);
  const isOpen = () =>
    ports.some((port) => processListens(daemon.pid, { port }));
  await waitUntil(() => !isOpen(), { what: "no debugger to listen" });
  assert.equal(
    daemon.logs.some(({ msg }) => msg === "worker died"),
    false,
  );
});
