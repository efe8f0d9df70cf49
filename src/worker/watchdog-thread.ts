/**
 * The watchdog thread. It sleeps until the master asks for something or is
 * gone. No code here may depend on the main thread.
 */
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import {
  dataFrames,
  FrameReader,
  frameOf,
} from "../shared/inspection/frames.ts";
import {
  WATCHDOG_FD,
  type WatchdogAnswer,
  type WatchdogQuestion,
} from "../shared/inspection/watchdog-channel.ts";
import { MainThreadTasks } from "./inspection/main-thread-tasks.ts";
import { type SampleOptions, sampleStacks } from "./sample-stacks.ts";
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
const reader = new FrameReader();
const tasks = new MainThreadTasks(send);

function send(answer: WatchdogAnswer, data?: Buffer): void {
  if (!data) channel.write(frameOf(answer));
  else for (const frame of dataFrames(answer, data)) channel.write(frame);
}

async function onQuestion(question: WatchdogQuestion): Promise<void> {
  const { id } = question;
  switch (question.type) {
    case "stacks":
      if (question.isFinal) await tasks.finishRecordings();
      send({ type: "stacks", id, stacks: await stacksFor(question) });
      break;
    case "begin":
      tasks.begin(id, question.task);
      break;
    case "cancel":
      tasks.cancel(id);
      break;
    default:
      question satisfies never;
  }
}

/** Questions at the same time share an answer: each pause takes time. */
let sampling: Promise<string[][]> | undefined;

/** None on an error: an unhandled rejection would end this thread. */
function stacksFor(
  question: SampleOptions & { readonly isFinal: boolean },
): Promise<string[][]> {
  if (question.isFinal) return sampleStacks(question).catch(() => []);
  sampling ??= sampleStacks(question)
    .catch(() => [])
    .finally(() => {
      sampling = undefined;
    });
  return sampling;
}

channel.on("data", (chunk) => {
  for (const { head } of reader.push(chunk)) {
    onQuestion(head as WatchdogQuestion);
  }
});
channel.on("error", () => {}); // "close" follows
channel.on("close", onMasterGone);
