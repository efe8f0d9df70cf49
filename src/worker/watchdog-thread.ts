/**
 * The watchdog thread. It sleeps until the master asks for stacks or is gone.
 * No code here may depend on the main thread.
 */
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import {
  ASK_FOR_STACKS,
  type StackAnswer,
  WATCHDOG_FD,
} from "../shared/watchdog-channel.ts";
import { sampleStacks } from "./sample-stacks.ts";
import type { WatchdogData } from "./watchdog.ts";

const { leaveWithinMs, heartbeatTimeoutMs, beats } = workerData as WatchdogData;

const LOOK_INTERVAL_MS = 200;
/** Delay of a check that shows that the whole process was suspended. */
const SUSPENDED_MS = 1_000;

/**
 * Kills the process after the deadline, or earlier if the main thread is stuck,
 * because the process may hold a port that others need.
 */
function onMasterGone(): void {
  setTimeout(endProcess, leaveWithinMs);
  let beat = Atomics.load(beats, 0);
  let lookedAt = performance.now();
  let beatAt = lookedAt;
  setInterval(() => {
    const now = performance.now();
    const latest = Atomics.load(beats, 0);
    const wasSuspended = now - lookedAt > LOOK_INTERVAL_MS + SUSPENDED_MS;
    if (latest !== beat || wasSuspended) beatAt = now;
    beat = latest;
    lookedAt = now;
    if (now - beatAt > heartbeatTimeoutMs) endProcess();
  }, LOOK_INTERVAL_MS);
}

function endProcess(): void {
  process.kill(process.pid, "SIGKILL");
}

const channel = new Socket({
  fd: WATCHDOG_FD,
  readable: true,
  writable: true,
});
channel.setEncoding("utf8");
channel.on("data", async (question: unknown) => {
  if (question !== ASK_FOR_STACKS) return;
  const answer: StackAnswer = { stacks: await sampleStacks() };
  channel.write(`${JSON.stringify(answer)}\n`);
});
channel.on("error", () => {}); // "close" follows
channel.on("close", onMasterGone);
