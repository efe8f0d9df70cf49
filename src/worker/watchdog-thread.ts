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

const { leaveWithinMs } = workerData as WatchdogData;

/** A process without its master that has not left by then never will. */
function onMasterGone(): void {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), leaveWithinMs);
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
