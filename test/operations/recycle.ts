import { exchange } from "../support/raw-exchange.ts";
import { DONE, type Operation } from "./operation.ts";
import type { Subject } from "./subject.ts";

const MIB = 2 ** 20;
/** A new worker has 60 to 90 MiB. */
const MEMORY_LIMIT_MIB = 200;
/** Puts a worker over the limit, but not over twice the limit. */
const LEAK_MIB = 180;
const PATIENCE_MS = 60_000;

/** Waits until a worker is recycled for its number of requests. */
export const recycleByRequests: Operation = {
  name: "recycle by requests",
  settings: { maxRequestsPerWorker: 100 },
  run: (subject) => untilRecycled(subject, "max_requests"),
};

/** Waits until a worker is recycled for its age. */
export const recycleByAge: Operation = {
  name: "recycle by age",
  settings: { maxWorkerAgeMs: 1_500 },
  run: (subject) => untilRecycled(subject, "age"),
};

/** Makes a worker leak, and waits until it is recycled. */
export const recycleByMemory: Operation = {
  name: "recycle by memory",
  settings: { maxWorkerMemoryBytes: MEMORY_LIMIT_MIB * MIB },
  async run(subject) {
    const recycled = untilRecycled(subject, "memory");
    const leak =
      `POST /leak/${LEAK_MIB} HTTP/1.1\r\nHost: a\r\n` +
      "Content-Length: 0\r\nConnection: close\r\n\r\n";
    const { responses } = await exchange(subject.daemon.address, leak, {
      untilClosed: true,
      timeoutMs: PATIENCE_MS,
    });
    subject.uncountedByClient++;
    if (responses[0]?.status !== 200) throw new Error("it did not leak");
    return recycled;
  },
};

async function untilRecycled(subject: Subject, reason: string) {
  const { daemon } = subject;
  const [since, timeoutMs] = [daemon.logs.length, PATIENCE_MS];
  const { workerPid } = await daemon.waitForLog(
    (line) => line.msg?.startsWith("worker is over") && line.reason === reason,
    { since, timeoutMs },
  );
  await daemon.waitForLog(
    (line) => line.msg === "worker left" && line.workerPid === workerPid,
    { since, timeoutMs },
  );
  return DONE;
}
