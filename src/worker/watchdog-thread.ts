/**
 * A thread beside the main one, which sleeps until the master asks what the
 * main thread is at, or is gone. Nothing here may need the main thread.
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
/** A look that is so late means that the whole process was held up. */
const HELD_UP_MS = 1_000;

/**
 * A process without its master that has not left by then never will. One that
 * is stuck is ended before: it may hold a port that others need.
 */
function onMasterGone(): void {
  setTimeout(endProcess, leaveWithinMs);
  let beat = Atomics.load(beats, 0);
  let lookedAt = performance.now();
  let beatAt = lookedAt;
  setInterval(() => {
    const now = performance.now();
    const latest = Atomics.load(beats, 0);
    const isHeldUp = now - lookedAt > LOOK_INTERVAL_MS + HELD_UP_MS;
    if (latest !== beat || isHeldUp) beatAt = now;
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
